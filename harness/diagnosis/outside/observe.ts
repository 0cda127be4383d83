/** Watches a process from outside for a while: what it waits in, burns and holds. */
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs } from '../../platform/clock.ts';
import { readFds } from '../../platform/procfs/fds.ts';
import { readLink, readText } from '../../platform/procfs/files.ts';
import { identify, isStill, type ProcessIdentity } from '../../platform/procfs/identity.ts';
import { readStealMs } from '../../platform/procfs/machine.ts';
import { readLight, readThreadIds, readThreads } from '../../platform/procfs/process.ts';
import { readSockets, type Socket } from '../../platform/procfs/sockets.ts';
import type { Child, OutsideFacts } from '../facts/outside-facts.ts';
import { standingBacklog } from './accept-backlog.ts';
import { acceptsConnections } from './accept-probe.ts';
import { readDescendants } from './descendants.ts';
import { findLoopEpollFd } from './event-loop-epoll.ts';
import { readTcpInfo } from './tcp-info.ts';
import { readThread, type ThreadStat } from './thread-stat.ts';

const STEP_MS = 100;
/** Other threads cost 60 µs each: they are looked at on every fifth step. */
const THREADS_EVERY = 5;
const DEFAULT_POOL_SIZE = 4;
const MIN_SAMPLES = 5;
const MOST_WINDOWS = 3;

export interface ObserveOptions {
  windowMs: number;
  /** Whether to see if it accepts a connection, for want of a health path; on which of its ports. */
  accept: { port?: number } | null;
  signal?: AbortSignal;
}

/**
 * Watches `pid` for `windowMs`; reads only, apart from the bare connection of `accept`.
 * @returns null when the process had gone before the first look.
 */
export async function observe(
  pid: number,
  { windowMs, accept, signal }: ObserveOptions,
): Promise<OutsideFacts | null> {
  const first = readLight(pid);
  const identity = identify(pid);
  const begin = readThread(pid, pid);
  if (!first || !identity || !begin) return null;
  const firstSockets = readSockets(pid, readFds(pid).socketInodes);
  const firstTcp = readTcpInfo(inodesOf(firstSockets), signal);
  const firstZombies = new Set(zombiesIn(readDescendants(pid)).map((child) => child.pid));
  const accepts = accept && acceptsConnections(pid, accept.port);
  // Whoever gives up watching does not wait for it.
  accepts?.catch(() => undefined);
  const firstSteal = readStealMs();
  const watched = await watchThreads(identity, begin, windowMs, signal);
  const last = readLight(pid) ?? first;
  const lastSteal = readStealMs();
  const { byKind, byPath, socketInodes } = readFds(pid);
  const sockets = readSockets(pid, socketInodes);
  const descendants = readDescendants(pid);
  return {
    ...watched,
    alive: isStill(identity),
    processShare: (last.cpuMs - first.cpuMs) / watched.windowMs,
    stealShare:
      (lastSteal.stealMs - firstSteal.stealMs) /
      Math.max(1, lastSteal.totalMs - firstSteal.totalMs),
    poolSize: poolSize(pid),
    accepts: await accepts,
    first,
    last,
    workingDirectory: readLink(`/proc/${pid}/cwd`) ?? '',
    fdsByKind: byKind,
    fdsByPath: byPath,
    fdLimit: fdLimit(pid),
    threads: readThreads(pid),
    firstSockets,
    sockets,
    backlog: await standingBacklog(pid, firstSockets, sockets, signal),
    firstTcp: await firstTcp,
    tcp: await readTcpInfo(inodesOf(sockets), signal),
    children: descendants.filter((child) => child.parent === pid),
    zombies: zombiesIn(descendants).filter((child) => firstZombies.has(child.pid)),
  };
}

type Watched = Pick<
  OutsideFacts,
  | 'windowMs'
  | 'samples'
  | 'states'
  | 'mainShare'
  | 'systemShare'
  | 'queuedShare'
  | 'ownLoopShare'
  | 'waitsIn'
  | 'busyWorkers'
  | 'lateMs'
>;

/** What its first thread does all the while, and which others are always busy. */
async function watchThreads(
  identity: ProcessIdentity,
  begin: ThreadStat,
  windowMs: number,
  signal?: AbortSignal,
): Promise<Watched> {
  const { pid } = identity;
  const startedAt = monotonicMs();
  const ownFd = findLoopEpollFd(pid);
  const states = new Map<string, number>();
  const sleeps = new Map<string, number>();
  const busy = new Map<number, number>();
  let looks = 0;
  let threadLooks = 0;
  let inOwnLoop = 0;
  let lateMs = 0;
  let latest = begin;
  // On a machine where nobody gets a core two samples fit into the window, and say nothing.
  const isOver = () => {
    const sinceMs = monotonicMs() - startedAt;
    return sinceMs >= MOST_WINDOWS * windowMs || (sinceMs >= windowMs && looks >= MIN_SAMPLES);
  };
  for (; !isOver(); looks++) {
    const main = readThread(pid, pid);
    if (!main || !isStill(identity)) break;
    latest = main;
    states.set(main.state, (states.get(main.state) ?? 0) + 1);
    const isOwn = main.epollFd !== null && main.epollFd === ownFd;
    if (isOwn) inOwnLoop++;
    else if (main.waitsIn) sleeps.set(main.waitsIn, (sleeps.get(main.waitsIn) ?? 0) + 1);
    if (looks % THREADS_EVERY === 0) {
      threadLooks++;
      for (const tid of busyThreads(pid)) busy.set(tid, (busy.get(tid) ?? 0) + 1);
    }
    const due = startedAt + (looks + 1) * STEP_MS;
    await sleep(Math.max(0, due - monotonicMs()), undefined, { signal });
    lateMs = Math.max(lateMs, monotonicMs() - due);
  }
  const elapsedMs = monotonicMs() - startedAt;
  const ticksMs = latest.systemMs - begin.systemMs + latest.userMs - begin.userMs;
  return {
    windowMs: elapsedMs,
    samples: looks,
    states: Object.fromEntries([...states].map(([state, count]) => [state, count / looks])),
    mainShare: (latest.cpuMs - begin.cpuMs) / elapsedMs,
    systemShare: ticksMs > 0 ? (latest.systemMs - begin.systemMs) / ticksMs : 0,
    queuedShare: (latest.queuedMs - begin.queuedMs) / elapsedMs,
    ownLoopShare: readText(`/proc/${pid}/syscall`) === null ? null : inOwnLoop / Math.max(1, looks),
    waitsIn: [...sleeps].sort((a, b) => b[1] - a[1])[0]?.[0] ?? '',
    busyWorkers: [...busy.values()].filter((count) => count === threadLooks).length,
    lateMs,
  };
}

function inodesOf(sockets: readonly Socket[]): Set<number> {
  return new Set(sockets.flatMap(({ state, inode }) => (state === 'LISTEN' ? [] : inode)));
}

function zombiesIn(children: readonly Child[]): Child[] {
  return children.filter(({ state }) => state === 'Z');
}

/** The soft limit of open descriptors, at which nothing more is accepted or opened. */
function fdLimit(pid: number): number | null {
  const limit = /^Max open files\s+(\d+)/m.exec(readText(`/proc/${pid}/limits`) ?? '')?.[1];
  return limit === undefined ? null : Number(limit);
}

/** Threads that are not resting: neither in a futex (libuv's and V8's idle) nor in an epoll. */
function busyThreads(pid: number): number[] {
  return readThreadIds(pid).filter((tid) => {
    if (tid === pid) return false;
    const thread = readThread(pid, tid);
    if (!thread || /^(V8Worker|DelayedTask|SignalInspecto|InspectorIo)/.test(thread.name))
      return false;
    if (thread.state === 'R' || thread.state === 'D') return true;
    return thread.waitsIn !== '' && !/futex|epoll|ep_poll/.test(thread.waitsIn);
  });
}

function poolSize(pid: number): number {
  const wanted = /(?:^|\0)UV_THREADPOOL_SIZE=(\d+)/.exec(readText(`/proc/${pid}/environ`) ?? '');
  return wanted ? Number(wanted[1]) : DEFAULT_POOL_SIZE;
}
