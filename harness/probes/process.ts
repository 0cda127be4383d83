/** The light sample: is the process there, and what has it grown to. Under 0.2 ms. */
import { monotonicMs } from '../clock.ts';
import { readLight, readStealMs } from '../procfs.ts';
import type { Probe } from './probe.ts';

export function processProbe(pid: number, everyMs = 1000): Probe {
  let steal = readStealMs();
  return {
    name: 'process',
    everyMs,
    sample() {
      const startMs = monotonicMs();
      const light = readLight(pid);
      const now = readStealMs();
      const totalMs = now.totalMs - steal.totalMs;
      const stealPercent = totalMs > 0 ? (100 * (now.stealMs - steal.stealMs)) / totalMs : 0;
      steal = now;
      if (!light) return null;
      return {
        kind: 'process',
        ...light,
        mainThreadCpuMs: Math.round(light.mainThreadCpuMs * 10) / 10,
        stealPercent: Math.round(stealPercent),
        costMs: cost(startMs),
      };
    },
  };
}

/** Milliseconds since `startMs`, to the microsecond. */
export function cost(startMs: number): number {
  return Math.round((monotonicMs() - startMs) * 1000) / 1000;
}
