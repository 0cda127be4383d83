/** The watch's own time. */
import { monotonicMs } from '../platform/clock.ts';

export interface WatchClock {
  nowMs(): number;
  /** A look begins. */
  tick(): number;
  /** What was done since the last look does not count. */
  skip(): void;
}

/**
 * Counts the time in which hanglab ran. When the machine stood still, or hanglab was starved, the server had no
 * chance to answer either: a step counts twice its length at most.
 */
export function watchClock(sampleEveryMs: number): WatchClock {
  let nowMs = 0;
  let lastMs = monotonicMs();
  const step = (): number => Math.min(monotonicMs() - lastMs, 2 * sampleEveryMs);
  return {
    nowMs: () => nowMs + step(),
    tick(): number {
      nowMs += step();
      lastMs = monotonicMs();
      return nowMs;
    },
    skip(): void {
      lastMs = monotonicMs();
    },
  };
}
