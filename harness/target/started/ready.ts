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
/** Ports that a server opens come within this time of each other. */
const SETTLED_MS = 500;
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
  if (ready.kind === 'port') return { host, port: await openPort(processes, port, signal) };
  for (;;) {
    signal.throwIfAborted();
    for (const each of candidatePorts(processes, port)) {
      if (await answers(`http://${host}:${each}${ready.path}`, ready.headers)) {
        return { host, port: each };
      }
    }
    await sleep(POLL_MS, undefined, { signal });
  }
}

/**
 * The wanted port, once one of the processes listens on it. One that takes a port of its own may open several, one
 * after the other (for its clients, for its metrics): then the first that speaks HTTP, when no more have come.
 */
async function openPort(
  processes: ProcessTree,
  wanted: number,
  signal: AbortSignal,
): Promise<number> {
  let last = '';
  let sinceMs = monotonicMs();
  for (;;) {
    signal.throwIfAborted();
    const ports = candidatePorts(processes, wanted);
    if (ports[0] === wanted) return wanted;
    if (ports.join() !== last) {
      last = ports.join();
      sinceMs = monotonicMs();
    }
    if (ports.length > 0 && monotonicMs() - sinceMs >= SETTLED_MS) {
      const port = await httpPort(ports);
      if (port !== null) return port;
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

/** The wanted port when one of the processes listens on it, else all that they do listen on. */
export function candidatePorts(processes: ProcessTree, wanted: number): number[] {
  const ports = listeningPorts(processes.pids());
  return ports.has(wanted) ? [wanted] : [...ports].toSorted((a, b) => a - b);
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

/** The only port, or the first of them that answers HTTP; null when none does. */
export async function httpPort(ports: readonly number[]): Promise<number | null> {
  const [only] = ports;
  if (ports.length === 1 && only !== undefined) return only;
  for (const port of ports) if (await speaksHttp(`http://127.0.0.1:${port}/`)) return port;
  return null;
}

/** Whether anything is answered at all; the inspector of Node is no server of the target's. */
async function speaksHttp(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(ASK_MS) });
    const isInspector = answer.status === 400 && (await answer.text()).includes('WebSockets');
    await answer.body?.cancel().catch(() => {});
    return !isInspector;
  } catch {
    return false;
  }
}
