/** What lies behind the whole picture: phases, faults, time that does not count, marks, readiness. */
import { TrustedTimeline, WINDOW_MS } from '../../checks/judging/trusted-time.ts';
import type { HistoryEvent } from '../../history/events.ts';
import type { FaultBand, Mark, Timeline } from '../page/timeline-data.ts';

type Bands = Pick<Timeline, 'phases' | 'faults' | 'excluded' | 'marks' | 'readiness'>;

/** Faults that come and go (a link that flaps) make many bands; the page shows the first of them. */
const MAX_BANDS = 400;
const MAX_MARKS = 200;

export class BandFold {
  private readonly trusted = new TrustedTimeline();
  private readonly phases: { name: string; fromMs: number }[] = [];
  private readonly faults: FaultBand[] = [];
  private readonly looks: { fromMs: number; toMs: number | null }[] = [];
  private readonly marks: Mark[] = [];
  private readonly readiness: Timeline['readiness'] = [];

  step(event: HistoryEvent): void {
    this.trusted.step(event);
    switch (event.kind) {
      case 'phase':
        this.phases.push({ name: event.phase, fromMs: event.t });
        break;
      case 'fault':
        this.fault(event);
        break;
      case 'look':
        if (event.event === 'begun') this.looks.push({ fromMs: event.t, toMs: null });
        else if (this.looks.at(-1)) (this.looks.at(-1) as { toMs: number | null }).toMs = event.t;
        break;
      case 'ready':
        this.ready(event.t, event.good, event.reasons.join('; '));
        break;
      default: {
        const mark = markOf(event);
        if (mark && this.marks.length < MAX_MARKS) this.marks.push(mark);
      }
    }
  }

  result(untilMs: number): Bands {
    this.trusted.advanceTo(untilMs);
    const last = this.readiness.at(-1);
    if (last) last.toMs = untilMs;
    return {
      phases: this.phases.map(({ name, fromMs }, i) => ({
        name,
        fromMs,
        toMs: this.phases[i + 1]?.fromMs ?? untilMs,
      })),
      faults: this.faults,
      excluded: [...this.lookBands(untilMs), ...this.machineBands(untilMs)],
      marks: this.marks,
      readiness: this.readiness,
    };
  }

  /** The share of the time that does not count, 0 to 1; inspections are not part of it. */
  get excludedShare(): number {
    return this.trusted.excludedShare;
  }

  get worstControlMs(): number {
    return this.trusted.worstControlMs;
  }

  private fault({ t, fault, event, detail }: HistoryEvent & { kind: 'fault' }): void {
    if (event === 'injected') {
      if (this.faults.length >= MAX_BANDS) return;
      const times = { injectedMs: t, healedMs: null, tookEffectMs: null };
      this.faults.push({ name: fault, ...times, detail });
      return;
    }
    // The report that it took effect may come after it was healed.
    const band = this.faults.findLast(
      ({ name, healedMs }) => name === fault && (event === 'took-effect' || healedMs === null),
    );
    if (!band) return;
    if (event === 'healed') band.healedMs = t;
    else {
      band.tookEffectMs ??= Math.min(t, band.healedMs ?? t);
      band.detail ??= detail;
    }
  }

  private ready(t: number, good: boolean, text: string): void {
    const last = this.readiness.at(-1);
    if (last) last.toMs = t;
    if (last?.good === good && (good || last.text !== '')) return;
    if (this.readiness.length < MAX_BANDS) this.readiness.push({ fromMs: t, toMs: t, good, text });
  }

  private lookBands(untilMs: number): Timeline['excluded'] {
    return this.looks.map(({ fromMs, toMs }) => ({
      ...{ fromMs, toMs: toMs ?? untilMs, weight: 0 },
      reason: 'diagnosis',
    }));
  }

  /** Windows of less than their full weight outside of inspections; neighbours of about the same weight as one. */
  private machineBands(untilMs: number): Timeline['excluded'] {
    const bands: Timeline['excluded'] = [];
    for (let fromMs = 0; fromMs < untilMs; fromMs += WINDOW_MS) {
      const toMs = Math.min(untilMs, fromMs + WINDOW_MS);
      const weight = this.trusted.betweenMs(fromMs, toMs) / (toMs - fromMs);
      if (weight > 0.99 || this.isLook(fromMs, toMs)) continue;
      const last = bands.at(-1);
      const rounded = Math.round(weight * 10) / 10;
      if (last?.toMs === fromMs && last.weight === rounded) last.toMs = toMs;
      else bands.push({ fromMs, toMs, weight: rounded, reason: 'machine' });
    }
    return bands;
  }

  private isLook(fromMs: number, toMs: number): boolean {
    return this.looks.some((look) => look.fromMs < toMs && (look.toMs ?? toMs) > fromMs);
  }
}

function markOf(event: HistoryEvent): Mark | null {
  const { t } = event;
  switch (event.kind) {
    case 'target-start':
      return { t, kind: 'process', text: `process ${event.pid} started` };
    case 'target-stop':
      return { t, kind: 'process', text: `${event.signal} sent to the process` };
    case 'target-exit': {
      const how = event.signal ? `by ${event.signal}` : `with code ${event.code}`;
      const lines = event.lines.slice(-3).join(' ');
      const kind = event.expected ? 'process' : 'trouble';
      return { t, kind, text: `process ended ${how}${event.expected ? '' : `: ${lines}`}` };
    }
    case 'blocked-stack': {
      const [top] = event.frames;
      const where = top ? `: ${top.function} (${top.file}:${top.line})` : '';
      return { t, kind: 'blocked', text: `the event loop was blocked${where}` };
    }
    case 'harness-trouble':
      return { t, kind: 'trouble', text: `hanglab's own ${event.part} failed: ${event.message}` };
    case 'note':
      return { t, kind: 'note', text: event.text };
    default:
      return null;
  }
}
