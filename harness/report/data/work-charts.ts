/** Charts of the work: what is in flight, and what has been accepted and done. */
import type { EventOf, HistoryEvent } from '../../history/events.ts';
import type { Chart } from '../page/timeline-data.ts';
import { Downsampled } from './downsample.ts';

export class WorkFold {
  private readonly requests = new Downsampled();
  private readonly calls = new Map<string, { line: Downsampled; open: Set<number> }>();
  private readonly upstreamOf = new Map<number, string>();
  private readonly progress = {
    open: new Downsampled(),
    done: new Downsampled(),
    givenUp: new Downsampled(),
  };
  private readonly levels = new Map<string, { line: Downsampled; count: number }>();
  private openRequests = 0;

  step(event: HistoryEvent): void {
    const { t } = event;
    switch (event.kind) {
      case 'request':
        this.requests.push(t, this.openRequests);
        this.requests.push(t, ++this.openRequests);
        break;
      case 'request-end':
        this.requests.push(t, this.openRequests);
        this.requests.push(t, --this.openRequests);
        break;
      case 'model-start':
        this.call(event.upstream, t, (open) => open.add(event.id));
        this.upstreamOf.set(event.id, event.upstream);
        break;
      case 'model-end': {
        const upstream = this.upstreamOf.get(event.id);
        this.upstreamOf.delete(event.id);
        if (upstream) this.call(upstream, t, (open) => open.delete(event.id));
        break;
      }
      case 'level':
        this.level(event);
        break;
      case 'progress':
        if (event.progress === null) break;
        this.progress.open.push(t, event.progress.open);
        this.progress.done.push(t, event.progress.done);
        this.progress.givenUp.push(t, event.progress.givenUp);
        break;
    }
  }

  charts(untilMs: number): Chart[] {
    this.requests.push(untilMs, this.openRequests);
    for (const { line, open } of this.calls.values()) line.push(untilMs, open.size);
    for (const { line, count } of this.levels.values()) line.push(untilMs, count);
    const { open, done, givenUp } = this.progress;
    const base = { style: 'steps', scale: 'linear', unit: 'count', limits: [] } as const;
    const inFlight = [
      ...(this.requests.max > 0 ? [this.requests.series('requests')] : []),
      ...[...this.calls].map(([upstream, { line }]) => line.series(`calls to ${upstream}`)),
    ];
    const work = [
      ...(open.isEmpty ? [] : [open.series('waiting', 'bad'), done.series('done', 'good')]),
      ...(givenUp.max > 0 ? [givenUp.series('given up by the target', 'quiet')] : []),
    ];
    const levels = [...this.levels].map(([what, { line }]) => line.series(what));
    return [
      { ...base, id: 'progress', title: 'Accepted work', series: work },
      { ...base, id: 'in-flight', title: 'In flight', series: inFlight },
      { ...base, id: 'levels', title: 'Held open by the load', series: levels },
    ].filter(({ series }) => series.length > 0);
  }

  private level({ t, what, count }: EventOf<'level'>): void {
    const known = this.levels.get(what) ?? { line: new Downsampled(), count: 0 };
    this.levels.set(what, known);
    known.line.push(t, known.count);
    known.line.push(t, count);
    known.count = count;
  }

  private call(upstream: string, t: number, change: (open: Set<number>) => void): void {
    const known = this.calls.get(upstream) ?? { line: new Downsampled(), open: new Set<number>() };
    this.calls.set(upstream, known);
    known.line.push(t, known.open.size);
    change(known.open);
    known.line.push(t, known.open.size);
  }
}
