/** Two and a half seconds of watching a process from outside: what it waits in, burns, holds and answers. */
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs } from '../../platform/clock.ts';
import { type Fds, readFds } from '../../platform/procfs/fds.ts';
import { readLink, readText } from '../../platform/procfs/files.ts';
import { readStealMs } from '../../platform/procfs/machine.ts';
import {
  type LightSample,
  readLight,
  readStat,
  readThreadIds,
  readThreads,
} from '../../platform/procfs/process.ts';
import { readSockets, type Socket } from '../../platform/procfs/sockets.ts';
import { standingBacklog } from './accept-backlog.ts';
import { acceptsConnections, listeningPort } from './accept-probe.ts';
import { type Child, readDescendants } from './descendants.ts';
import { likelyOwnLoop } from './event-loop-epoll.ts';
import { type HealthProbe, type HealthSeen, probeHealth } from './health-probe.ts';
import { type SocketAge, socketAges } from './socket-ages.ts';
import { readTask, type Task } from './thread-stat.ts';

export const WINDOW_MS = 2500;
const STEP_MS = 100;
/** Other threads cost 60 µs each: they are looked at on every fifth step. */
const THREADS_EVERY = 5;
const DEFAULT_POOL_SIZE = 4;
/** An answer that comes within this is not missing yet. */
const LATE_MS = 300;
const MORE_TIME_MS = 2500;

export interface Observation {
  pid: number;
  windowMs: number;
  /** False as soon as the process has gone, is a zombie, or its pid belongs to another. */
  alive: boolean;
  /** Share of the samples in which the first thread was in each state: `{ S: 1 }`. */
  states: Record<string, number>;
  /** CPU as a share of one core: 1 is a whole core. */
  mainShare: number;
  processShare: number;
  /** Of the first thread's CPU time, the part spent inside the kernel. */
  systemShare: number;
  /** Part of the window in which the first thread was ready but had no core. */
  queuedShare: number;
  stealShare: number;
  /** Part of the samples in which the first thread waited in its own event loop; null if unreadable. */
  ownLoopShare: number | null;
  /** The kernel function in which the first thread slept most while not in its own loop. */
  waitsIn: string;
  /** Other threads, besides V8's own, that were busy in every look; and the thread pool's size. */
  busyWorkers: number;
  poolSize: number;
  /** How late this process's own timers were: the machine's noise as felt here. */
  lateMs: number;
  health: HealthSeen | null;
  /** Without a health path: whether a bare connection was accepted; null when nothing listens. */
  accepts: boolean | null;
  first: LightSample;
  last: LightSample;
  /** Where it works: its open files are told relative to it; empty when that may not be read. */
  workingDirectory: string;
  fds: Fds;
  /** How many descriptors it may have open; null when there is no limit to be read. */
  fdLimit: number | null;
  threads: { name: string; count: number }[];
  sockets: Socket[];
  /** Its sockets at the window's begin, before it was asked for anything: what stands is in both. */
  firstSockets: Socket[];
  /** Connections that waited to be accepted at every look, by port. */
  backlog: ReadonlyMap<number, number>;
  /** Of its sockets by inode; empty without `ss`. */
  ages: ReadonlyMap<number, SocketAge>;
  children: Child[];
  /** Below it, at any depth, and through the whole window: one that is reaped at once is none. */
  zombies: Child[];
}

/**
 * Watches `pid` for `windowMs`; reads only, apart from GETs of `healthUrl`.
 * @param ownEpollFd the descriptor of its own loop, if a healthy sample has told it.
 * @returns null when the process had gone before the first look.
 */
export async function observe(
  pid: number,
  {
    windowMs = WINDOW_MS,
    healthUrl,
    port,
    ownEpollFd,
    signal,
  }: {
    windowMs?: number;
    healthUrl?: string | undefined;
    port?: number | undefined;
    ownEpollFd?: number | undefined;
    signal?: AbortSignal | undefined;
  } = {},
): Promise<Observation | null> {
  const first = readLight(pid);
  const born = readStat(pid)?.startTicks;
  const begin = readTask(pid, pid);
  if (!first || !begin) return null;
  const firstSockets = readSockets(pid, readFds(pid).socketInodes);
  const firstZombies = new Set(zombiesIn(readDescendants(pid)).map((child) => child.pid));
  await using probe: HealthProbe | null = healthUrl ? probeHealth(healthUrl, windowMs) : null;
  const listening = port ?? listeningPort(pid);
  const accepts = healthUrl || listening === null ? null : acceptsConnections(pid, listening);
  const firstSteal = readStealMs();
  const startedAt = monotonicMs();
  const ownFd = ownEpollFd ?? likelyOwnLoop(pid);

  const states = new Map<string, number>();
  const sleeps = new Map<string, number>();
  const busy = new Map<number, number>();
  let looks = 0;
  let threadLooks = 0;
  let inOwnLoop = 0;
  let lateMs = 0;
  let latest: Task = begin;
  for (; monotonicMs() - startedAt < windowMs; looks++) {
    const main = readTask(pid, pid);
    if (!main || readStat(pid)?.startTicks !== born) break;
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
  const last = readLight(pid);
  const lastSteal = readStealMs();
  const fds = readFds(pid);
  const sockets = readSockets(pid, fds.socketInodes);
  const descendants = readDescendants(pid);
  const cpuMs = latest.cpuMs - begin.cpuMs;
  const ticksMs = latest.systemMs - begin.systemMs + latest.userMs - begin.userMs;
  return {
    pid,
    windowMs: elapsedMs,
    alive: last?.alive === true && readStat(pid)?.startTicks === born,
    states: Object.fromEntries([...states].map(([state, count]) => [state, count / looks])),
    mainShare: cpuMs / elapsedMs,
    processShare: ((last ?? first).cpuMs - first.cpuMs) / elapsedMs,
    systemShare: ticksMs > 0 ? (latest.systemMs - begin.systemMs) / ticksMs : 0,
    queuedShare: (latest.queuedMs - begin.queuedMs) / elapsedMs,
    stealShare:
      (lastSteal.stealMs - firstSteal.stealMs) /
      Math.max(1, lastSteal.totalMs - firstSteal.totalMs),
    ownLoopShare: readText(`/proc/${pid}/syscall`) === null ? null : inOwnLoop / Math.max(1, looks),
    waitsIn: [...sleeps].sort((a, b) => b[1] - a[1])[0]?.[0] ?? '',
    busyWorkers: [...busy.values()].filter((count) => count === threadLooks).length,
    poolSize: poolSize(pid),
    lateMs,
    health: probe && (await answersOf(probe, signal)),
    accepts: await accepts,
    first,
    last: last ?? first,
    workingDirectory: readLink(`/proc/${pid}/cwd`) ?? '',
    fds,
    fdLimit: fdLimit(pid),
    threads: readThreads(pid),
    sockets,
    firstSockets,
    backlog: await standingBacklog(pid, firstSockets, sockets, signal),
    ages: await socketAges(signal),
    children: descendants.filter((child) => child.parent === pid),
    zombies: zombiesIn(descendants).filter((child) => firstZombies.has(child.pid)),
  };
}

/**
 * While the control server is as late as the target a missing answer says nothing: both are given time,
 * which a target that does not answer costs only where the machine is slow.
 */
async function answersOf(probe: HealthProbe, signal?: AbortSignal): Promise<HealthSeen> {
  const deadline = monotonicMs() + MORE_TIME_MS;
  for (;;) {
    const seen = await probe.seen();
    const { asked, answered, worstMs, controlMs } = seen;
    const isClear = answered > 0 || (asked > 0 && worstMs > Math.max(LATE_MS, 3 * controlMs));
    if (isClear || monotonicMs() > deadline) return seen;
    await sleep(STEP_MS, undefined, { signal });
  }
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
    const task = readTask(pid, tid);
    if (!task || /^(V8Worker|DelayedTask|SignalInspecto|InspectorIo)/.test(task.name)) return false;
    if (task.state === 'R' || task.state === 'D') return true;
    return task.waitsIn !== '' && !/futex|epoll|ep_poll/.test(task.waitsIn);
  });
}

function poolSize(pid: number): number {
  const wanted = /(?:^|\0)UV_THREADPOOL_SIZE=(\d+)/.exec(readText(`/proc/${pid}/environ`) ?? '');
  return wanted ? Number(wanted[1]) : DEFAULT_POOL_SIZE;
}
