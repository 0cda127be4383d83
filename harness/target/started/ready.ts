/** Waiting until a server that has been started accepts requests. */
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs } from '../../platform/clock.ts';
import { readFds } from '../../platform/procfs/fds.ts';
import { readSockets } from '../../platform/procfs/sockets.ts';
import type { Address } from '../endpoints.ts';
import type { ProcessTree } from '../process-tree.ts';
import type { TargetLog } from './log.ts';

/** When a server is ready: when a path answers, a line is printed, or a port is listened on. */
export type Ready =
  | { kind: 'path'; path: string; headers: Readonly<Record<string, string>> }
  /** A group named `port` tells the port. */
  | { kind: 'line'; pattern: RegExp }
  | { kind: 'port' };

export interface ReadyOptions {
  ready: Ready;
  /** The port that the server was asked to listen on. */
  port: number;
  processes: ProcessTree;
  log: TargetLog;
  signal: AbortSignal;
}

const POLL_MS = 50;
const ASK_MS = 2_000;
/** A server that answers these has come up: what it thinks of this request is another matter. */
const isUp = (status: number): boolean =>
  (status >= 200 && status < 400) || [400, 401, 402, 403].includes(status);

/** Resolves with the address that it serves; never by itself when it does not come up. */
export async function whenReady({
  ready,
  port,
  processes,
  log,
  signal,
}: ReadyOptions): Promise<Address> {
  const host = '127.0.0.1';
  if (ready.kind === 'line') {
    const told = await lineMatching(log, ready.pattern);
    return { host, port: Number(told?.port ?? port) };
  }
  for (;;) {
    signal.throwIfAborted();
    const found = servedPort(processes, port);
    if (found !== null) {
      if (ready.kind === 'port') return { host, port: found };
      if (await answers(`http://${host}:${found}${ready.path}`, ready.headers)) {
        return { host, port: found };
      }
    }
    await sleep(POLL_MS, undefined, { signal });
  }
}

function lineMatching(
  log: TargetLog,
  pattern: RegExp,
): Promise<Record<string, string> | undefined> {
  const found = Promise.withResolvers<Record<string, string> | undefined>();
  log.onLine((line) => {
    const match = pattern.exec(line);
    if (match) found.resolve(match.groups);
  });
  return found.promise;
}

/** The wanted port when one of the processes listens on it, else the one port that they do listen on. */
export function servedPort(processes: ProcessTree, wanted: number): number | null {
  const ports = listeningPorts(processes.pids());
  if (ports.has(wanted)) return wanted;
  return ports.size === 1 ? ([...ports][0] as number) : null;
}

/** Every port that one of these processes listens on. */
export function listeningPorts(pids: readonly number[]): Set<number> {
  return new Set(
    pids.flatMap((pid) =>
      readSockets(pid, readFds(pid).socketInodes)
        .filter(({ state }) => state === 'LISTEN')
        .map(({ localPort }) => localPort),
    ),
  );
}

async function answers(url: string, headers: Readonly<Record<string, string>>): Promise<boolean> {
  const askedMs = monotonicMs();
  try {
    const answer = await fetch(url, { headers, signal: AbortSignal.timeout(ASK_MS) });
    await answer.body?.cancel();
    return isUp(answer.status);
  } catch {
    // Nobody there yet, or nobody who speaks HTTP: not asked again at once.
    await sleep(Math.max(0, POLL_MS - (monotonicMs() - askedMs)));
    return false;
  }
}
