/** Finding a process's inspector: the port on which it listens, opened by SIGUSR1 where it is not yet. */
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs } from '../../platform/clock.ts';
import { HanglabError } from '../../platform/errors.ts';
import { isLoopback } from '../../platform/loopback.ts';
import { readText } from '../../platform/procfs/files.ts';
import { isStill, type ProcessIdentity, signalProcess } from '../../platform/procfs/identity.ts';
import { readListeners } from '../../platform/procfs/listeners.ts';
import { addressOf } from '../../platform/procfs/listening.ts';
import { readStat, readThreadIds, readThreads } from '../../platform/procfs/process.ts';
import type { Socket } from '../../platform/procfs/sockets.ts';

const DEFAULT_INSPECTOR_PORT = 9229;
const POLL_MS = 15;
const LIST_MS = 1000;
const MAX_LIST_CHARACTERS = 64_000;
/** Node's thread that waits for SIGUSR1 wakes within milliseconds; this is for a machine that gives nobody a core. */
const WAKES_MS = 2000;
/** A process that opens it at all has done so by then, counted from the signal, unless nobody gets a core. */
const OPENS_MS = 10_000;
/** The kernel keeps 15 characters of a thread's name. */
const SIGNAL_THREAD = 'SignalInspector'.slice(0, 15);
export const INSPECTOR_THREAD = 'InspectorIo';

export interface Endpoint {
  port: number;
  url: string;
}

/** The endpoint of an inspector that is open already, on a port that the process itself listens on. */
export async function openEndpoint({ pid }: ProcessIdentity): Promise<Endpoint | null> {
  const announced = announcedPorts(pid);
  return inspectorAmong(readListeners(pid).filter(({ localPort }) => announced.has(localPort)));
}

/**
 * Has the process open its inspector. An interruption does not end the wait at once: what the signal has opened must
 * be closed again, and for that it must be found.
 * @throws HanglabError `no-inspector` with the reason and what can be done.
 */
export async function askForEndpoint(
  identity: ProcessIdentity,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<Endpoint> {
  const { pid } = identity;
  const before = new Set(readListeners(pid).map(({ localPort }) => localPort));
  const wokenBefore = wakesOfSignalThread(pid);
  const ended = () => new HanglabError('no-inspector', `No inspector: process ${pid} has ended.`);
  if (!signalProcess(identity, 'SIGUSR1')) throw ended();
  const askedAt = monotonicMs();
  const isOver = () =>
    monotonicMs() - askedAt > (signal?.aborted ? Math.min(timeoutMs, OPENS_MS) : timeoutMs);
  while (!isOver()) {
    if (!isStill(identity)) throw ended();
    const opened = await inspectorAmong(
      readListeners(pid).filter(({ localPort }) => !before.has(localPort)),
    );
    if (opened) return opened;
    const isForTheProgram =
      wokenBefore !== null &&
      monotonicMs() - askedAt > WAKES_MS &&
      wakesOfSignalThread(pid) === wokenBefore;
    if (isForTheProgram)
      throw new HanglabError('no-inspector', `No inspector: ${takenSignal(pid)}`);
    await sleep(POLL_MS);
  }
  signal?.throwIfAborted();
  throw new HanglabError('no-inspector', `No inspector: ${silenceOf(pid, timeoutMs)}`);
}

/** How often Node's own thread for SIGUSR1 has been woken; null where no thread has its name (before Node 24). */
function wakesOfSignalThread(pid: number): number | null {
  const tid = readThreadIds(pid).find((each) => readStat(pid, each)?.name === SIGNAL_THREAD);
  if (tid === undefined) return null;
  const status = readText(`/proc/${pid}/task/${tid}/status`) ?? '';
  const wakes = /^voluntary_ctxt_switches:\s*(\d+)/m.exec(status)?.[1];
  return wakes === undefined ? null : Number(wakes);
}

function takenSignal(pid: number): string {
  return (
    `process ${pid} uses SIGUSR1 for itself: its own handler has run once, and Node's did not. ` +
    'Start it with --inspect=127.0.0.1:0 to have it looked into.'
  );
}

/**
 * Ports on which an inspector may be open already. The application's own ports are never asked: a
 * request nobody expects is no way to look at a server, least of all at one that hangs.
 */
function announcedPorts(pid: number): Set<number> {
  const named = startOptions(pid).matchAll(/--inspect(?:-brk|-wait)?=(?:[^\s\0]+:)?(\d+)/g);
  return new Set([DEFAULT_INSPECTOR_PORT, ...[...named].map(([, port]) => Number(port))]);
}

/** Command line and environment, whole: NODE_OPTIONS is among them. */
function startOptions(pid: number): string {
  return `${readText(`/proc/${pid}/cmdline`)} ${readText(`/proc/${pid}/environ`)}`;
}

function silenceOf(pid: number, timeoutMs: number): string {
  const wanted = Number(
    /--inspect-port[= \0]+(?:\S+:)?(\d+)/.exec(startOptions(pid))?.[1] ?? DEFAULT_INSPECTOR_PORT,
  );
  const table = readText(`/proc/${pid}/net/tcp`) ?? '';
  const hexPort = wanted.toString(16).toUpperCase().padStart(4, '0');
  if (wanted !== 0 && new RegExp(`:${hexPort} 00000000:0000 0A`).test(table)) {
    return `its port ${wanted} is taken by another process. Start the target with NODE_OPTIONS=--inspect-port=0.`;
  }
  if (readThreads(pid).some(({ name }) => name === INSPECTOR_THREAD)) {
    return `process ${pid} has opened it before, on a port that is not known; it may be from an earlier look, for a loop that is blocked cannot close it.`;
  }
  return (
    `process ${pid} did not open it within ${timeoutMs} ms of SIGUSR1: ` +
    'either its event loop is inside native code, or the application uses that signal for itself.'
  );
}

async function inspectorAmong(listeners: readonly Socket[]): Promise<Endpoint | null> {
  const answers = await Promise.all(listeners.map(inspectorAt));
  return answers.find((answer) => answer !== null) ?? null;
}

/** An application's own port may answer anything, or nothing: only an inspector's list counts. */
async function inspectorAt(listener: Socket): Promise<Endpoint | null> {
  const address = addressOf(listener);
  if (!isLoopback(address)) return null;
  const host = `${address.includes(':') ? `[${address}]` : address}:${listener.localPort}`;
  try {
    const answer = await fetch(`http://${host}/json/list`, {
      signal: AbortSignal.timeout(LIST_MS),
      redirect: 'error',
    });
    const list = JSON.parse(await bounded(answer)) as { type?: string; id?: string }[];
    const id = list.find(({ type }) => type === 'node')?.id ?? '';
    // The list names an address too; where to connect is not for the other side to say.
    return /^[\w-]+$/.test(id) ? { port: listener.localPort, url: `ws://${host}/${id}` } : null;
  } catch {
    return null;
  }
}

async function bounded(answer: Response): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of answer.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.length > MAX_LIST_CHARACTERS) throw new Error('too long for a list of inspectors');
  }
  return text;
}
