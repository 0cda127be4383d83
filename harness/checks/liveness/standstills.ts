/** Stretches of a run with accepted work to do, and nothing finished. */
import type { EventOf } from '../../history/events.ts';
import type { RunSoFar } from '../judging/run-so-far.ts';

export interface Standstill {
  fromMs: number;
  toMs: number;
  trustedMs: number;
  /** Accepted work that was open, writes that were not answered, and calls at upstreams, at its end. */
  openWork: number;
  openWrites: number;
  upstreamCalls: number;
}

/** Follows them event by event; part of a check's state. */
export class StandstillFold {
  /** The longest one that is over. */
  longest: Standstill | null;
  private sinceMs: number | null;
  private openWork: number;
  private readonly writes: Set<number>;
  private settled: number | null;
  private readonly onEnd: (standstill: Standstill) => void;

  constructor(onEnd: (standstill: Standstill) => void = () => {}, from?: StandstillFold) {
    this.onEnd = onEnd;
    this.longest = from?.longest ?? null;
    this.sinceMs = from?.sinceMs ?? null;
    this.openWork = from?.openWork ?? 0;
    this.writes = new Set(from?.writes);
    this.settled = from?.settled ?? null;
  }

  copy(): StandstillFold {
    return new StandstillFold(this.onEnd, this);
  }

  onRequest({ id, operationKind, t }: EventOf<'request'>, run: RunSoFar): void {
    if (operationKind !== 'write') return;
    this.writes.add(id);
    this.move(t, false, run);
  }

  onRequestEnd({ id, outcome, t }: EventOf<'request-end'>, run: RunSoFar): void {
    if (this.writes.delete(id)) this.move(t, outcome !== 'unknown', run);
  }

  onProgress({ progress, t }: EventOf<'progress'>, run: RunSoFar): void {
    if (progress === null) return;
    const settled = progress.done + progress.givenUp;
    // Any change counts: a deletion lowers the count of what is done.
    const moved = this.settled !== null && settled !== this.settled;
    this.settled = settled;
    // The stretch that ends here is told with what was open in it.
    if (moved) this.end(t, run);
    this.openWork = progress.open;
    this.move(t, false, run);
  }

  /** The one that goes on at this instant, null when there is none. */
  current(run: RunSoFar): Standstill | null {
    return this.sinceMs === null ? null : this.standstill(this.sinceMs, run.nowMs, run);
  }

  private move(t: number, finished: boolean, run: RunSoFar): void {
    if (finished || this.openWork + this.writes.size === 0) this.end(t, run);
    if (this.openWork + this.writes.size > 0) this.sinceMs ??= t;
  }

  private end(toMs: number, run: RunSoFar): void {
    if (this.sinceMs === null) return;
    const over = this.standstill(this.sinceMs, toMs, run);
    this.sinceMs = null;
    if (over.trustedMs > (this.longest?.trustedMs ?? 0)) this.longest = over;
    this.onEnd(over);
  }

  private standstill(fromMs: number, toMs: number, run: RunSoFar): Standstill {
    return {
      fromMs,
      toMs,
      trustedMs: run.trusted.betweenMs(fromMs, toMs),
      openWork: this.openWork,
      openWrites: this.writes.size,
      upstreamCalls: run.upstreamCalls.size,
    };
  }
}
