/**
 * Time that counts: what the machine really gave the target. Ages and latencies are measured in it, so that
 * a starved machine never makes a false alarm, and a real hang is still called, only later.
 *
 * Each window of the run has a weight. It is 0 (void) where the control server was late too, or where
 * other virtual machines took the cores. Where processes that are not ours kept the target's first thread
 * waiting for a core, it is the share of the time that was left to it: a server that could run for 40 % of
 * a second has been given 400 ms. While hanglab looks into the target nothing counts: that freezes it.
 */
import type { EventOf, History } from '../history/history.ts';

/** The control server does nothing; at this latency its thread did not get a core. */
export const CONTROL_LATE_MS = 100;
/** Share of all cores that other virtual machines took. */
export const STEAL_LIMIT_PERCENT = 25;
/**
 * Below these shares waiting is not the work of others: a server whose own threads fill the cores keeps
 * itself waiting, and that is its own affair.
 */
export const STARVED = { waitPercent: 10, foreignPercent: 15 };
/** A server that was given less of a request's time may have run into its own deadlines. */
const FAIR_SHARE = 0.75;
/** Time counts or does not by such windows, from the run's begin on. */
export const WINDOW_MS = 500;

export interface TrustedTime {
  /** Milliseconds between two instants of the run, each at its window's weight. */
  betweenMs(fromMs: number, toMs: number): number;
  isVoid(t: number): boolean;
  /** Whether the target was given so little of this time that a refusal in it is not its fault. */
  wasStarved(fromMs: number, toMs: number): boolean;
  /** Share of the time since the first probe that does not count, 0 to 1; looks are counted apart. */
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
  const weights = weightsOf(history);
  const weightOf = (window: number): number => weights.get(window) ?? 1;
  const lostBefore = cumulativeLoss(weights);
  /** Milliseconds from the run's start to `t` that do not count. */
  const lostUntil = (t: number): number => {
    const window = windowOf(Math.max(0, t));
    const whole = lostBefore[Math.min(window, lostBefore.length - 1)] ?? 0;
    const part = (Math.max(0, t) - window * WINDOW_MS) * (1 - weightOf(window));
    return whole * WINDOW_MS + part;
  };
  const betweenMs = (fromMs: number, toMs: number): number =>
    Math.max(0, toMs - fromMs - (lostUntil(toMs) - lostUntil(fromMs)));
  const probes = history.of('health');
  const firstMs = probes[0]?.intendedT ?? 0;
  const lookedMs = looksOf(history).reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
  const watchedMs = Math.max(1, history.untilMs - firstMs - lookedMs);
  return {
    betweenMs,
    wasStarved: (fromMs, toMs) => betweenMs(fromMs, toMs) < FAIR_SHARE * (toMs - fromMs),
    isVoid: (t) => weightOf(windowOf(t)) === 0,
    voidShare: Math.max(0, 1 - betweenMs(firstMs, history.untilMs) / watchedMs),
    worstControlMs: probes.reduce((worst, { controlMs }) => Math.max(worst, controlMs), 0),
  };
}

/** The windows that count less than wholly. */
function weightsOf(history: History): Map<number, number> {
  const weights = new Map<number, number>();
  const lower = (fromMs: number, toMs: number, weight: number): void => {
    for (let window = windowOf(fromMs); window <= windowOf(toMs); window++) {
      weights.set(window, Math.min(weight, weights.get(window) ?? 1));
    }
  };
  for (const { intendedT, controlMs } of history.of('health')) {
    // Late from the instant it should have been sent until it was answered.
    if (controlMs >= CONTROL_LATE_MS) lower(intendedT, intendedT + controlMs, 0);
  }
  for (const { fromMs, toMs } of looksOf(history)) lower(fromMs, toMs, 0);
  let lastT = 0;
  for (const sample of history.of('process')) {
    const weight = weightOfSample(sample);
    if (weight < 1) lower(lastT, sample.t, weight);
    lastT = sample.t;
  }
  return weights;
}

/** When hanglab looked into the target; one that goes on still has no end. */
function looksOf(history: History): { fromMs: number; toMs: number }[] {
  const marks = history.of('look');
  return marks.flatMap(({ t, event }, i) =>
    event === 'begun' ? { fromMs: t, toMs: marks[i + 1]?.t ?? history.untilMs } : [],
  );
}

function weightOfSample(sample: EventOf<'process'>): number {
  const { stealPercent, waitPercent, foreignPercent } = sample;
  if (stealPercent >= STEAL_LIMIT_PERCENT) return 0;
  const starved = waitPercent >= STARVED.waitPercent && foreignPercent >= STARVED.foreignPercent;
  return starved ? Math.max(0, 1 - waitPercent / 100) : 1;
}

/** How many whole windows are lost before each one; ages are asked for thousands of times. */
function cumulativeLoss(weights: ReadonlyMap<number, number>): number[] {
  const last = Math.max(-1, ...weights.keys());
  const losses = [0];
  for (let window = 0; window <= last; window++) {
    losses.push((losses[window] as number) + 1 - (weights.get(window) ?? 1));
  }
  return losses;
}

const windowOf = (t: number): number => Math.floor(t / WINDOW_MS);
