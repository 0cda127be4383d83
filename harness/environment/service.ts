/** An upstream that hanglab runs too, like a database: started before the target, ended after it. */
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT, HanglabError } from '../platform/errors.ts';
import type { Reaper } from '../reaper/reaper.ts';
import { fill } from '../target/config/template.ts';
import { openLog } from '../target/started/log.ts';
import type { ServiceUpstream } from '../target/upstreams.ts';

export interface RunningService extends AsyncDisposable {
  readonly pid: number;
}

const READY_MS = 20_000;
const POLL_MS = 50;
/** A service on this machine or beside it answers a connection at once. */
const CONNECT_MS = 5_000;

/** @throws HanglabError `upstream-not-started` with its last lines. */
export async function startService(
  name: string,
  { host, port, start }: ServiceUpstream,
  context: { folder: string; logFile: string; reaper: Reaper; signal: AbortSignal },
): Promise<RunningService> {
  const { folder, logFile, reaper, signal } = context;
  const values = { port: String(port), tmp: folder };
  const [file = '', ...args] = (start ?? []).map((word) => fill(word, values));
  const child = spawn(file, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const log = openLog(logFile);
  log.follow(child.stdout);
  log.follow(child.stderr);
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, endedBy) =>
      resolve(endedBy ? `signal ${endedBy}` : `exit code ${code}`),
    );
    child.once('error', (error) => resolve(error.message));
  });
  const pid = child.pid ?? 0;
  if (pid > 0) reaper.watchGroup(pid);
  const end = async (): Promise<void> => {
    if (pid > 0 && child.exitCode === null && child.signalCode === null) {
      process.kill(-pid, 'SIGKILL');
    }
    await exited;
    if (pid > 0) reaper.forgetGroup(pid);
    await log.close();
  };
  const over = new AbortController();
  const waiting = accepts(host, port, AbortSignal.any([over.signal, signal]));
  const late = sleep(READY_MS, `it does not listen on ${host}:${port}`, { signal: over.signal });
  const why = await Promise.race([waiting, exited, late.catch(() => '')]);
  over.abort();
  if (why === null) return { pid, [Symbol.asyncDispose]: end };
  await end();
  signal.throwIfAborted();
  throw new HanglabError(
    'upstream-not-started',
    `the upstream ${name} did not come up (${why}); its last lines:`,
    { exitCode: EXIT.cannotRunHere, problems: log.lastLines() },
  );
}

/**
 * For an upstream that hanglab does not run: while it is down, the target cannot be judged.
 * @throws HanglabError `upstream-down`
 */
export async function checkService(
  name: string,
  { host, port }: ServiceUpstream,
  signal: AbortSignal,
): Promise<void> {
  const late = AbortSignal.timeout(CONNECT_MS);
  const stop = AbortSignal.any([late, signal]);
  if (await connects(host, port, stop)) return;
  signal.throwIfAborted();
  throw new HanglabError(
    'upstream-down',
    `the upstream ${name} accepts no connections at ${host}:${port}: start it first, or let hanglab start it (\`upstreams.${name}.start\`)`,
    { exitCode: EXIT.cannotRunHere },
  );
}

/** Resolves with null when something accepts connections there; never before. */
async function accepts(host: string, port: number, signal: AbortSignal): Promise<null> {
  while (!signal.aborted) {
    const open = await connects(host, port, signal);
    if (open) return null;
    await sleep(POLL_MS, undefined, { signal }).catch(() => {});
  }
  return new Promise(() => {});
}

function connects(host: string, port: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, signal }, () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}
