/**
 * Time that counts. Where the control server was late too, where other machines took the cores, or where
 * other processes kept the target waiting for one, the machine was slow and not the target: that window
 * is void, and ages do not grow in it. Never a false alarm on a starved machine.
 */
import type { History } from '../history.ts';

/** The control server does nothing; at this latency its thread did not get a core. */
export const CONTROL_LATE_MS = 100;
/** Share of all cores that other virtual machines took. */
export const STEAL_LIMIT_PERCENT = 25;
/**
 * The target's event loop was ready to run for this share of the time and had no core, while processes
 * that are not ours had at least that share of the machine: what it did late it could not do earlier.
 */
export const STARVED = { waitPercent: 30, foreignPercent: 15 };
const WINDOW_MS = 500;

export interface TrustedTime {
  /** Milliseconds between two instants of the run, void windows left out. */
  betweenMs(fromMs: number, toMs: number): number;
  isVoid(t: number): boolean;
  /** Share of the time since the first probe that is void, 0 to 1. */
  voidShare: number;
  /** The latest that the control server ever was. */
  worstControlMs: number;
}

const cache = new WeakMap<History, TrustedTime>();

export function trustedTime(history: History): TrustedTime {
  const known = cache.get(history);
  if (known) return known;
  const result = measure(history);
  cache.set(history, result);
  return result;
}

function measure(history: History): TrustedTime {
  const voids = new Set<number>();
  let worstControlMs = 0;
  for (const { intendedT, controlMs } of history.of('health')) {
    worstControlMs = Math.max(worstControlMs, controlMs);
    if (controlMs < CONTROL_LATE_MS) continue;
    // Late from the instant it should have been sent until it was answered.
    for (let t = intendedT; t <= intendedT + controlMs; t += WINDOW_MS) voids.add(windowOf(t));
    voids.add(windowOf(intendedT + controlMs));
  }
  let lastT = 0;
  for (const { t, stealPercent, waitPercent, foreignPercent } of history.of('process')) {
    const starved = waitPercent >= STARVED.waitPercent && foreignPercent >= STARVED.foreignPercent;
    if (starved || stealPercent >= STEAL_LIMIT_PERCENT) {
      for (let at = lastT; at <= t; at += WINDOW_MS) voids.add(windowOf(at));
    }
    lastT = t;
  }
  const firstMs = history.of('health')[0]?.intendedT ?? 0;
  const watchedMs = Math.max(1, history.untilMs - firstMs);
  const voidBefore = cumulative(voids);
  /** Void milliseconds from the run's start to `t`. */
  const voidUntil = (t: number): number => {
    const window = windowOf(Math.max(0, t));
    const whole = voidBefore[Math.min(window, voidBefore.length - 1)] ?? 0;
    const part = voids.has(window) ? Math.max(0, t) - window * WINDOW_MS : 0;
    return whole * WINDOW_MS + part;
  };
  const betweenMs = (fromMs: number, toMs: number): number =>
    Math.max(0, toMs - fromMs - (voidUntil(toMs) - voidUntil(fromMs)));
  return {
    betweenMs,
    isVoid: (t) => voids.has(windowOf(t)),
    voidShare: 1 - betweenMs(firstMs, history.untilMs) / watchedMs,
    worstControlMs,
  };
}

const windowOf = (t: number): number => Math.floor(t / WINDOW_MS);

/** How many of the windows before each one are void; ages are asked for thousands of times. */
function cumulative(voids: ReadonlySet<number>): number[] {
  const last = Math.max(-1, ...voids);
  const counts = [0];
  for (let window = 0; window <= last; window++) {
    counts.push((counts[window] as number) + (voids.has(window) ? 1 : 0));
  }
  return counts;
}
