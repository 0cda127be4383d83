/** Folds the events of a history into the picture of a run, in memory that does not grow with its length. */
import type { EventOf, HistoryEvent } from '../../history/events.ts';
import type { Changes } from '../page/page-data.ts';
import type { Timeline } from '../page/timeline-data.ts';
import { BandFold } from './bands.ts';
import { BarFold } from './bars.ts';
import { ChangeFold } from './changes.ts';
import { LatencyFold } from './latency-dots.ts';
import { ResourceFold } from './resource-charts.ts';
import { WorkFold } from './work-charts.ts';

/** Shown before the first phase. */
const LEAD_MS = 200;

export class TimelineFold {
  /** The first event of a run; null until it has come. */
  run: EventOf<'run'> | null = null;
  readonly bands = new BandFold();
  /** How much the machine was disturbed, at worst. */
  readonly worst = { stealPercent: 0, foreignPercent: 0 };
  untilMs = 0;
  private readonly bars = new BarFold();
  private readonly latency = new LatencyFold();
  private readonly resources = new ResourceFold();
  private readonly work = new WorkFold();
  private readonly changeFold = new ChangeFold();

  step(event: HistoryEvent): void {
    this.untilMs = Math.max(this.untilMs, event.t);
    if (event.kind === 'run') this.run ??= event;
    if (event.kind === 'process') {
      const { worst } = this;
      worst.stealPercent = Math.max(worst.stealPercent, event.stealPercent);
      worst.foreignPercent = Math.max(worst.foreignPercent, event.foreignPercent);
    }
    this.bands.step(event);
    this.bars.step(event);
    this.latency.step(event);
    this.resources.step(event);
    this.work.step(event);
    this.changeFold.step(event);
  }

  /** Called once, after the last event. @param healthLimitMs null: health is not judged. */
  result(healthLimitMs: number | null): Timeline {
    const untilMs = Math.ceil(this.untilMs);
    const bands = this.bands.result(untilMs);
    const [first] = bands.phases;
    return {
      fromMs: Math.max(0, Math.floor((first?.fromMs ?? 0) - LEAD_MS)),
      untilMs,
      ...bands,
      bars: this.bars.result(untilMs),
      charts: [
        ...this.latency.charts(healthLimitMs),
        ...this.work.charts(untilMs),
        ...this.resources.charts(),
      ],
    };
  }

  changes(): Changes | null {
    return this.changeFold.result();
  }
}
