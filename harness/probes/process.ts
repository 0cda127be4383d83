/**
 * The light sample: is the process there, what has it grown to, and did the machine give it its cores.
 * Under 0.2 ms.
 */
import { monotonicMs } from '../platform/clock.ts';
import { readStealMs } from '../platform/procfs/machine.ts';
import { readLight, readStat } from '../platform/procfs/process.ts';
import type { Probe } from './probe.ts';

/** @param companions pids of hanglab's own processes, whose load is part of the experiment. */
export function processProbe(pid: number, companions: readonly number[], everyMs = 500): Probe {
  let last = { ...readStealMs(), ownMs: ownCpuMs(pid, companions), waitMs: 0, atMs: monotonicMs() };
  return {
    name: 'process',
    everyMs,
    sample() {
      const startMs = monotonicMs();
      const light = readLight(pid);
      if (!light) return null;
      const machine = readStealMs();
      const now = {
        ...machine,
        ownMs: ownCpuMs(pid, companions),
        waitMs: light.mainThreadWaitMs,
        atMs: startMs,
      };
      const totalMs = now.totalMs - last.totalMs;
      const stolenMs = now.stealMs - last.stealMs;
      const busyMs = totalMs - (now.idleMs - last.idleMs) - stolenMs;
      const foreignMs = Math.max(0, busyMs - (now.ownMs - last.ownMs));
      const waitedMs = last.waitMs === 0 ? 0 : now.waitMs - last.waitMs;
      const share = (part: number, whole: number): number =>
        whole > 0 ? Math.round((100 * part) / whole) : 0;
      const elapsedMs = now.atMs - last.atMs;
      last = now;
      const { mainThreadWaitMs: _, ...sample } = light;
      return {
        kind: 'process',
        ...sample,
        mainThreadCpuMs: Math.round(light.mainThreadCpuMs * 10) / 10,
        waitPercent: share(waitedMs, elapsedMs),
        stealPercent: share(stolenMs, totalMs),
        foreignPercent: share(foreignMs, totalMs),
        costMs: cost(startMs),
      };
    },
  };
}

/** CPU time of the target, of hanglab's companions and of hanglab itself, its threads included. */
function ownCpuMs(pid: number, companions: readonly number[]): number {
  const { user, system } = process.cpuUsage();
  const others = [pid, ...companions].reduce((sum, id) => {
    const stat = readStat(id);
    return sum + (stat ? stat.userMs + stat.systemMs : 0);
  }, 0);
  return others + (user + system) / 1000;
}

/** Milliseconds since `startMs`, to the microsecond. */
export function cost(startMs: number): number {
  return Math.round((monotonicMs() - startMs) * 1000) / 1000;
}
