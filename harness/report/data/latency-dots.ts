/**
 * Health and control latency as dots. The thread reports a probe again and again until it is answered; the
 * last report for an intended instant is the one that counts.
 */
import type { HistoryEvent } from '../../history/events.ts';
import type { Chart } from '../page/timeline-data.ts';
import { Downsampled } from './downsample.ts';

/** Four times as fine as a line: each dot stands for itself. */
const MAX_BUCKETS = 2000;

export class LatencyFold {
  private readonly good = new Downsampled(MAX_BUCKETS);
  private readonly bad = new Downsampled(MAX_BUCKETS);
  private readonly control = new Downsampled(MAX_BUCKETS);
  /** Probes without an answer so far: their age, by intended instant. */
  private readonly unanswered = new Map<number, number>();

  step(event: HistoryEvent): void {
    if (event.kind === 'control') this.control.push(event.intendedT, event.controlMs);
    if (event.kind !== 'health') return;
    const { intendedT, latencyMs, answered, good, controlMs } = event;
    if (!answered) {
      this.unanswered.set(intendedT, latencyMs);
      return;
    }
    this.unanswered.delete(intendedT);
    (good ? this.good : this.bad).push(intendedT, latencyMs);
    this.control.push(intendedT, controlMs);
  }

  /** @param limitMs the limit of the health check; null: none. */
  charts(limitMs: number | null): Chart[] {
    const never = new Downsampled(MAX_BUCKETS);
    for (const [intendedT, ageMs] of this.unanswered) never.push(intendedT, ageMs);
    const series = [
      this.control.series('control server', 'quiet'),
      this.good.series('health, answered'),
      this.bad.series('health, refused or failed', 'bad'),
      never.series('health, never answered (age)', 'bad'),
    ].filter(({ t }) => t.length > 0);
    if (series.length === 0) return [];
    const limits = limitMs === null ? [] : [{ label: 'limit of the health check', value: limitMs }];
    const base = { id: 'health', title: 'Health and control server', unit: 'ms' as const };
    return [{ ...base, style: 'dots', scale: 'log', series, limits }];
  }
}
