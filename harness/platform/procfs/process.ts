/**
 * What Linux tells about one process from outside it: state, CPU, memory, threads, children. Every function is
 * synchronous, keeps no state and can be called from a worker thread. Prices measured on two shared cores,
 * Linux 6.18, Node 24.
 */
import { readFileSync } from 'node:fs';
import { countIn, list, readText } from './files.ts';

/** USER_HZ: fixed at 100 for user space on every architecture that Node runs on. */
export const TICK_MS = 10;
const PAGE_BYTES = pageBytes();

export interface LightSample {
  alive: boolean;
  /** The kernel's letter: R runs, S waits, D waits for a device, T stopped, t traced, Z zombie. */
  state: string;
  fds: number;
  threads: number;
  rssBytes: number;
  /** CPU time of the whole process, ended threads included; steps of 10 ms. */
  cpuMs: number;
  /** CPU time of its first thread (in Node the event loop); nanosecond steps. */
  mainThreadCpuMs: number;
  /** Time that its first thread was ready to run and had no core; nanosecond steps. */
  mainThreadWaitMs: number;
  /** Children of every thread that have not been reaped: zombies count. */
  children: number;
}

/** Some 0.1 ms for a Node process with 11 threads. `null` when the process has gone. */
export function readLight(pid: number): LightSample | null {
  const stat = readStat(pid);
  if (!stat) return null;
  const main = readSchedule(pid);
  return {
    alive: stat.state !== 'Z' && stat.state !== 'X',
    state: stat.state,
    fds: countIn(`/proc/${pid}/fd`),
    threads: stat.threads,
    rssBytes: stat.rssBytes,
    cpuMs: stat.userMs + stat.systemMs,
    mainThreadCpuMs: main.cpuMs,
    mainThreadWaitMs: main.waitMs,
    children: readChildren(pid).length,
  };
}

export interface ProcessStat {
  name: string;
  state: string;
  parent: number;
  userMs: number;
  systemMs: number;
  threads: number;
  /** Ticks between the machine's start and the process's: with the pid it names one process forever. */
  startTicks: number;
  rssBytes: number;
}

/** `/proc/PID/stat`, or one thread's when `tid` is given; 15 µs. */
export function readStat(pid: number, tid?: number): ProcessStat | null {
  const text = readText(tid === undefined ? `/proc/${pid}/stat` : `/proc/${pid}/task/${tid}/stat`);
  if (text === null) return null;
  const nameEnd = text.lastIndexOf(')');
  const fields = text.slice(nameEnd + 2).split(' ');
  return {
    name: text.slice(text.indexOf('(') + 1, nameEnd),
    state: fields[0] as string,
    parent: Number(fields[1]),
    userMs: Number(fields[11]) * TICK_MS,
    systemMs: Number(fields[12]) * TICK_MS,
    threads: Number(fields[17]),
    startTicks: Number(fields[19]),
    rssBytes: Number(fields[21]) * PAGE_BYTES,
  };
}

/** Threads by name, most first; 12 µs for each of them. */
export function readThreads(pid: number): { name: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const tid of readThreadIds(pid)) {
    const name = readText(`/proc/${pid}/task/${tid}/comm`)?.trimEnd();
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts]
    .map(([name, count]) => ({ name, count }))
    .sort((a, b) => b.count - a.count || a.name.localeCompare(b.name));
}

/** Thread ids in the order of their start; the first is the pid itself. */
export function readThreadIds(pid: number): number[] {
  return list(`/proc/${pid}/task`).map(Number);
}

/** Pids of all children, whichever thread started them; zombies are among them. */
export function readChildren(pid: number): number[] {
  return readThreadIds(pid).flatMap((tid) =>
    (readText(`/proc/${pid}/task/${tid}/children`) ?? '').split(' ').filter(Boolean).map(Number),
  );
}

/** Each thread's time on a core, and in the queue for one; 15 µs a thread. */
export function readThreadTimes(
  pid: number,
  tids = readThreadIds(pid),
): { tid: number; cpuMs: number; waitMs: number }[] {
  return tids.flatMap((tid) => {
    const text = readText(`/proc/${pid}/task/${tid}/schedstat`);
    if (text === null) return [];
    const [cpu = 0, wait = 0] = text.split(' ').map(Number);
    return [{ tid, cpuMs: cpu / 1e6, waitMs: wait / 1e6 }];
  });
}

/** A process's first thread: its time on a core, and its time in the queue for one. */
function readSchedule(pid: number): { cpuMs: number; waitMs: number } {
  const [cpu = 0, wait = 0] = (readText(`/proc/${pid}/schedstat`) ?? '').split(' ').map(Number);
  return { cpuMs: cpu / 1e6, waitMs: wait / 1e6 };
}

/** From the auxiliary vector (AT_PAGESZ = 6): 4096 on x86, up to 65536 elsewhere. */
function pageBytes(): number {
  try {
    const vector = readFileSync('/proc/self/auxv');
    for (let at = 0; at + 16 <= vector.length; at += 16) {
      if (vector.readBigUInt64LE(at) === 6n) return Number(vector.readBigUInt64LE(at + 8));
    }
  } catch {
    // No /proc: not Linux. Every reading is then null anyway.
  }
  return 4096;
}
