/**
 * The numbers of one run that two versions are compared by: a fold over its history. What a run could not
 * measure is null, never zero.
 */
import type { EventOf, HistoryEvent } from '../history/events.ts';
import { type Outage, OutageFold } from './outage.ts';

export interface Measures {
  /** Of all probes from baseline on, wall time; an unanswered one counts with its age. */
  healthP99Ms: number | null;
  /** From the end of the fault to the first good answer to a request that was sent after it. */
  recoveryMs: number | null;
  /** From the last sample before baseline to the last of all. */
  rssGrowthBytes: number | null;
  fdsGrowth: number | null;
  threadsGrowth: number | null;
  outage: Outage;
}

/** With fewer probes a p99 is one probe's luck. */
const LEAST_PROBES = 20;

export class MeasuresFold {
  private readonly outage = new OutageFold();
  /** The latest report of each probe, by its intended time. */
  private readonly health = new Map<number, number>();
  private readonly requests = new Map<number, number>();
  private hasBaseline = false;
  private recoveryFromMs: number | null = null;
  private firstGoodMs: number | null = null;
  private before: EventOf<'process'> | null = null;
  private last: EventOf<'process'> | null = null;

  push(event: HistoryEvent): void {
    this.outage.push(event);
    if (event.kind === 'phase') {
      if (event.phase === 'baseline') this.hasBaseline = true;
      if (event.phase === 'recovery') this.recoveryFromMs = event.t;
    } else if (event.kind === 'health') {
      if (this.hasBaseline) this.health.set(event.intendedT, event.latencyMs);
    } else if (event.kind === 'process' && event.alive) {
      if (this.hasBaseline) this.last = event;
      else this.before = event;
    } else if (event.kind === 'request') {
      if (this.recoveryFromMs !== null && this.firstGoodMs === null) {
        this.requests.set(event.id, event.t);
      }
    } else if (event.kind === 'request-end' && event.outcome === 'ok') {
      if (this.requests.has(event.id)) this.firstGoodMs ??= event.t;
    }
  }

  /** @param nowMs the end of the run. */
  measures(nowMs: number): Measures {
    const growth = (of: (sample: EventOf<'process'>) => number): number | null =>
      this.before === null || this.last === null ? null : of(this.last) - of(this.before);
    return {
      healthP99Ms: p99([...this.health.values()]),
      recoveryMs:
        this.recoveryFromMs === null || this.firstGoodMs === null
          ? null
          : this.firstGoodMs - this.recoveryFromMs,
      rssGrowthBytes: growth(({ rssBytes }) => rssBytes),
      fdsGrowth: growth(({ fds }) => fds),
      threadsGrowth: growth(({ threads }) => threads),
      outage: this.outage.outage(nowMs),
    };
  }
}

function p99(values: readonly number[]): number | null {
  if (values.length < LEAST_PROBES) return null;
  return values.toSorted((a, b) => a - b)[Math.ceil(0.99 * values.length) - 1] ?? null;
}
