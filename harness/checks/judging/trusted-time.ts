/**
 * Time that counts: what the machine really gave the target. Ages and latencies are measured in it, so that
 * a starved machine never makes a false alarm, and a real hang is still reported, only later.
 *
 * Each window of the run has a weight. It is 0 (excluded) where the control server or the sender of the load was
 * late too, or where other virtual machines took the cores. Where processes that are not ours kept the target's threads
 * waiting for a core, it is the share of the time that was left to it: a server that could run for 40 % of
 * a second has been given 400 ms. Time spent inspecting the target is excluded: that freezes it.
 */
import type { EventOf, HistoryEvent } from '../../history/events.ts';

/** The control server does nothing; at this latency its thread did not get a core. */
export const CONTROL_LATE_MS = 100;
/** Share of all cores that other virtual machines took. */
const STEAL_LIMIT_PERCENT = 25;
/**
 * Below these shares waiting is not the work of others: a server whose own threads fill the cores keeps
 * itself waiting, and that is its own affair.
 */
const STARVED = { waitPercent: 10, foreignPercent: 15 };
/** A server that was given less of a request's time may have run into its own deadlines. */
const FAIR_SHARE = 0.75;
/** Time counts or does not by such windows, from the run's begin on. */
export const WINDOW_MS = 500;
/** An unanswered probe is reported every half second, and reports come every tenth of one. */
const HEALTH_REPORT_LAG_MS = 700;
/** Without any probe nothing can lower a weight later, but events of other threads may still come. */
const ARRIVAL_LAG_MS = 300;
/** A probe that has fallen silent is not waited for any longer. */
const MAX_LAG_MS = 30_000;

export interface TrustedTime {
  /** Milliseconds between two instants of the run, each at its window's weight. */
  betweenMs(fromMs: number, toMs: number): number;
  /** Whether time around instant `t` does not count at all. */
  isExcluded(t: number): boolean;
  /** Whether the target was given so little of this time that a refusal in it is not its fault. */
  wasStarved(fromMs: number, toMs: number): boolean;
  /** Share of the time since the first probe that does not count, 0 to 1; inspections are counted apart. */
  readonly excludedShare: number;
  /** The latest that the control server or the sender ever was. */
  readonly worstControlMs: number;
}

/** Trusted time of a run as its events come in. Windows may be lowered for a while after they have passed. */
export class TrustedTimeline implements TrustedTime {
  worstControlMs = 0;
  private readonly weights: number[] = [];
  /** Whole windows lost before each one; valid up to `summedTo`. */
  private readonly lostBefore: number[] = [0];
  private summedTo = 0;
  private nowMs = 0;
  private firstProbeMs: number | null = null;
  private lastProbeReportMs: number | null = null;
  private lastSampleMs: number | null = null;
  private lookSinceMs: number | null = null;
  private lookedMs = 0;

  step(event: HistoryEvent): void {
    this.advanceTo(event.t);
    if (event.kind === 'health' || event.kind === 'control') {
      this.firstProbeMs ??= event.intendedT;
      this.lastProbeReportMs = Math.max(this.lastProbeReportMs ?? 0, event.t);
      this.worstControlMs = Math.max(this.worstControlMs, event.controlMs);
      // Late from the instant it should have been sent until it was answered.
      if (event.controlMs >= CONTROL_LATE_MS) {
        this.lower(event.intendedT, event.intendedT + event.controlMs, 0);
      }
    } else if (event.kind === 'sender-late') {
      this.worstControlMs = Math.max(this.worstControlMs, event.lateMs);
      this.lower(event.t - event.lateMs, event.t, 0);
    } else if (event.kind === 'process') {
      const weight = weightOf(event);
      if (weight < 1) this.lower(this.lastSampleMs ?? 0, event.t, weight);
      this.lastSampleMs = event.t;
    } else if (event.kind === 'look') {
      if (event.event === 'begun') this.lookSinceMs = event.t;
      else if (this.lookSinceMs !== null) {
        this.lower(this.lookSinceMs, event.t, 0);
        this.lookedMs += event.t - this.lookSinceMs;
        this.lookSinceMs = null;
      }
    }
  }

  /** The run has been watched up to here. */
  advanceTo(nowMs: number): void {
    this.nowMs = Math.max(this.nowMs, nowMs);
    if (this.lookSinceMs !== null) this.lower(this.lookSinceMs, this.nowMs, 0);
  }

  /** Weights before this instant will not change any more. */
  settledUntilMs(): number {
    const known = Math.min(
      this.nowMs - ARRIVAL_LAG_MS,
      this.lastProbeReportMs === null ? this.nowMs : this.lastProbeReportMs - HEALTH_REPORT_LAG_MS,
      this.lastSampleMs ?? this.nowMs,
    );
    const windowStart = windowOf(Math.max(0, known)) * WINDOW_MS;
    return Math.max(windowStart, this.nowMs - MAX_LAG_MS);
  }

  betweenMs(fromMs: number, toMs: number): number {
    return Math.max(0, toMs - fromMs - (this.lostUntil(toMs) - this.lostUntil(fromMs)));
  }

  isExcluded(t: number): boolean {
    return this.weightAt(windowOf(Math.max(0, t))) === 0;
  }

  wasStarved(fromMs: number, toMs: number): boolean {
    return this.betweenMs(fromMs, toMs) < FAIR_SHARE * (toMs - fromMs);
  }

  get excludedShare(): number {
    const firstMs = this.firstProbeMs ?? 0;
    const lookingMs = this.lookSinceMs === null ? 0 : this.nowMs - this.lookSinceMs;
    const watchedMs = Math.max(1, this.nowMs - firstMs - this.lookedMs - lookingMs);
    return Math.max(0, 1 - this.betweenMs(firstMs, this.nowMs) / watchedMs);
  }

  private lower(fromMs: number, toMs: number, weight: number): void {
    const first = windowOf(Math.max(0, fromMs));
    for (let window = first; window <= windowOf(Math.max(0, toMs)); window++) {
      while (this.weights.length <= window) this.weights.push(1);
      if (weight >= (this.weights[window] as number)) continue;
      this.weights[window] = weight;
      this.summedTo = Math.min(this.summedTo, window);
    }
  }

  private weightAt(window: number): number {
    return this.weights[window] ?? 1;
  }

  /** Milliseconds from the run's start to `t` that do not count. */
  private lostUntil(t: number): number {
    const at = Math.max(0, t);
    const window = windowOf(at);
    const known = Math.min(window, this.weights.length);
    for (; this.summedTo < known; this.summedTo++) {
      const lost = (this.lostBefore[this.summedTo] as number) + 1 - this.weightAt(this.summedTo);
      this.lostBefore[this.summedTo + 1] = lost;
    }
    const whole = this.lostBefore[known] as number;
    const part = (at - window * WINDOW_MS) * (1 - this.weightAt(window));
    return whole * WINDOW_MS + part;
  }
}

function weightOf({ stealPercent, waitPercent, foreignPercent }: EventOf<'process'>): number {
  if (stealPercent >= STEAL_LIMIT_PERCENT) return 0;
  const starved = waitPercent >= STARVED.waitPercent && foreignPercent >= STARVED.foreignPercent;
  return starved ? Math.max(0, 1 - waitPercent / 100) : 1;
}

const windowOf = (t: number): number => Math.floor(t / WINDOW_MS);
