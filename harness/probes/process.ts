/**
 * The light sample: are the target's processes there, what have they grown to, and did the machine give them
 * its cores. Counts and times are sums over the process tree, so that a server that forks workers, or serves
 * from many threads, is measured whole. Some 0.2 ms for one process with 11 threads.
 */
import { monotonicMs } from '../platform/clock.ts';
import { readLink } from '../platform/procfs/files.ts';
import { readStealMs } from '../platform/procfs/machine.ts';
import {
  type LightSample,
  readLight,
  readStat,
  readThreadTimes,
} from '../platform/procfs/process.ts';
import { pidsBelow } from '../target/process-tree.ts';
import type { Probe } from './probe.ts';

/** @param companions pids of hanglab's own processes, whose load is part of the experiment. */
export function processProbe(rootPid: number, companions: readonly number[], everyMs = 500): Probe {
  const cpu = cpuClock(companions);
  let last = { ...readStealMs(), ownMs: cpu(pidsBelow(rootPid)), atMs: monotonicMs() };
  let lastWaits = waitsOf(pidsBelow(rootPid));
  return {
    name: 'process',
    everyMs,
    sample() {
      const startMs = monotonicMs();
      const root = readLight(rootPid);
      if (!root) return null;
      const pids = pidsBelow(rootPid);
      const below = pids.slice(1).flatMap((pid) => readLight(pid) ?? []);
      const machine = readStealMs();
      const waits = waitsOf(pids);
      const now = { ...machine, ownMs: cpu(pids), atMs: startMs };
      const totalMs = now.totalMs - last.totalMs;
      const stolenMs = now.stealMs - last.stealMs;
      const busyMs = totalMs - (now.idleMs - last.idleMs) - stolenMs;
      const foreignMs = Math.max(0, busyMs - (now.ownMs - last.ownMs));
      const waitedMs = longestWait(lastWaits, waits);
      const elapsedMs = now.atMs - last.atMs;
      last = now;
      lastWaits = waits;
      const tree = [root, ...below];
      return {
        kind: 'process',
        alive: root.alive,
        pids,
        fds: sum(tree, ({ fds }) => fds),
        threads: sum(tree, ({ threads }) => threads),
        rssBytes: sum(tree, ({ rssBytes }) => rssBytes),
        cpuMs: sum(tree, ({ cpuMs }) => cpuMs),
        mainThreadCpuMs: Math.round(root.mainThreadCpuMs * 10) / 10,
        state: root.state,
        waitPercent: Math.min(100, percent(waitedMs, elapsedMs)),
        stealPercent: percent(stolenMs, totalMs),
        foreignPercent: percent(foreignMs, totalMs),
        children: sum(tree, ({ children }) => children),
        costMs: cost(startMs),
      };
    },
  };
}

function sum(samples: readonly LightSample[], of: (sample: LightSample) => number): number {
  return samples.reduce((total, sample) => total + of(sample), 0);
}

function percent(part: number, whole: number): number {
  return whole > 0 ? Math.round((100 * part) / whole) : 0;
}

/**
 * CPU time of the target, of hanglab's companions and of hanglab itself: never running backwards when a
 * worker ends and takes its time out of the tree.
 */
function cpuClock(companions: readonly number[]): (pids: readonly number[]) => number {
  const lastOf = new Map<number, number>();
  let totalMs = 0;
  return (pids) => {
    for (const pid of [...pids, ...companions]) {
      const stat = readStat(pid);
      if (!stat) continue;
      const cpuMs = stat.userMs + stat.systemMs;
      totalMs += Math.max(0, cpuMs - (lastOf.get(pid) ?? 0));
      lastOf.set(pid, cpuMs);
    }
    const { user, system } = process.cpuUsage();
    return totalMs + (user + system) / 1000;
  };
}

/**
 * By thread: how long it has been ready to run and had no core, since its start. Of a Node process its event
 * loop counts alone: what its helpers wait for is garbage collection, most of the time.
 */
function waitsOf(pids: readonly number[]): Map<number, number> {
  return new Map(
    pids.flatMap((pid) => {
      const threads = isNode(pid) ? readThreadTimes(pid, [pid]) : readThreadTimes(pid);
      return threads.map(({ tid, waitMs }) => [tid, waitMs]);
    }),
  );
}

function isNode(pid: number): boolean {
  const executable = readLink(`/proc/${pid}/exe`) ?? '';
  return /\/node(js)?[\d.-]*( \(deleted\))?$/.test(executable);
}

/** The longest that one thread waited between two samples: what a request may have been kept back by. */
function longestWait(
  before: ReadonlyMap<number, number>,
  after: ReadonlyMap<number, number>,
): number {
  let longestMs = 0;
  for (const [tid, waitMs] of after) {
    const sinceMs = before.get(tid);
    // A thread that began meanwhile has waited since then.
    longestMs = Math.max(longestMs, waitMs - (sinceMs ?? 0));
  }
  return longestMs;
}

/** Milliseconds since `startMs`, to the microsecond. */
export function cost(startMs: number): number {
  return Math.round((monotonicMs() - startMs) * 1000) / 1000;
}
