/**
 * The bars of the swimlane: requests, accepted work, upstream calls. All that did not end well are kept; of
 * those that did, at most a few thousand, the longest of each stretch of time, so that a run of hours stays
 * small and its slow requests stay visible.
 */
import type { EventOf, HistoryEvent, ModelEnding, Outcome } from '../../history/events.ts';
import { type Bars, type Lane, OUTCOMES } from '../page/timeline-data.ts';

/** Bars that ended well; a second as many may end badly. At 15 bytes each, compressed, under 200 kB. */
const MAX_BARS = 12_000;

/** Of the text of a bar: it is shown in a few lines. */
const MAX_TEXT = 300;

export type BarOutcome = (typeof OUTCOMES)[number];

interface Bar {
  lane: number;
  id: number;
  fromMs: number;
  toMs: number;
  outcome: BarOutcome;
  status: number | null;
  firstByteMs: number | null;
  /** What it may take; beyond it counts as slow. */
  limitMs: number;
  subject: string | null;
  detail: string | null;
}

type LaneGroup = Lane['group'];

export class BarFold {
  private readonly lanes: Lane[] = [];
  private readonly laneByKey = new Map<string, number>();
  private readonly open = new Map<string, Bar>();
  private readonly good: Bar[] = [];
  private readonly bad: Bar[] = [];
  private readonly maxBars: number;
  private requestLimitMs = Number.POSITIVE_INFINITY;

  constructor(maxBars = MAX_BARS) {
    this.maxBars = maxBars;
  }

  step(event: HistoryEvent): void {
    switch (event.kind) {
      case 'run':
        this.requestLimitMs = event.limits.requestMs;
        break;
      case 'request':
        this.beginRequest(event);
        break;
      case 'request-end': {
        const { id, outcome, status, detail, stream } = event;
        this.end('clients', id, event.t, outcome, status, detail, stream?.firstT ?? null);
        break;
      }
      case 'work':
        this.begin('accepted work', event.operation, event.id, event.t, event.subject);
        break;
      case 'work-end':
        this.end('accepted work', event.id, event.t, WORK_OUTCOME[event.outcome]);
        break;
      case 'model-start': {
        const name = `${event.upstream} ${event.operation}`;
        this.begin('upstream calls', name, event.id, event.t, event.subject);
        break;
      }
      case 'model-first-byte': {
        const bar = this.open.get(`upstream calls ${event.id}`);
        if (bar) bar.firstByteMs = event.t - bar.fromMs;
        break;
      }
      case 'model-silent': {
        const bar = this.open.get(`upstream calls ${event.id}`);
        if (bar) bar.detail = `silent by the fault: ${event.behaviour}`;
        break;
      }
      case 'model-end':
        this.endCall(event);
        break;
    }
  }

  /** @param untilMs the end of the timeline, up to which what has not ended is drawn. */
  result(untilMs: number): Bars {
    const open = [...this.open.values()].map((bar) => ({ ...bar, toMs: untilMs }));
    const good = thinned(this.good, this.maxBars);
    const bad = thinned([...this.bad, ...open], this.maxBars);
    const lanes = this.lanes.map((lane) => ({ ...lane }));
    countOmitted(lanes, [...good.omitted, ...bad.omitted]);
    const bars = [...good.kept, ...bad.kept].toSorted((a, b) => a.fromMs - b.fromMs);
    return columnsOf(lanes, bars);
  }

  private endCall({ id, t, ending, status }: EventOf<'model-end'>): void {
    const bar = this.open.get(`upstream calls ${id}`);
    if (!bar) return;
    // The target waited for a silent model beyond what a request may take: a stuck call, however it ended.
    const wasStuck = bar.detail !== null && t - bar.fromMs > this.requestLimitMs;
    const ended = ending === 'complete' ? null : `ended by ${ending}`;
    const detail = [bar.detail, ended].filter(Boolean).join('; ') || null;
    const outcome = wasStuck ? 'unknown' : MODEL_OUTCOME[ending];
    this.end('upstream calls', id, t, outcome, status, detail);
  }

  private beginRequest(event: EventOf<'request'>): void {
    const { id, operation, t, subject, limits, leaves } = event;
    this.begin('clients', operation, id, t, subject);
    const bar = this.open.get(`clients ${id}`) as Bar;
    // When a client that means to leave has left says nothing.
    if (leaves) bar.limitMs = Number.POSITIVE_INFINITY;
    else bar.limitMs = limits?.requestMs ?? bar.limitMs;
  }

  private begin(
    group: LaneGroup,
    name: string,
    id: number,
    fromMs: number,
    subject: string | null,
  ): void {
    const lane = this.laneOf(group, name);
    const limitMs = this.requestLimitMs;
    const rest = { toMs: fromMs, status: null, firstByteMs: null, detail: null, limitMs };
    this.open.set(`${group} ${id}`, { lane, id, fromMs, outcome: 'open', subject, ...rest });
  }

  private end(
    group: LaneGroup,
    id: number,
    toMs: number,
    outcome: BarOutcome,
    status: number | null = null,
    detail: string | null = null,
    firstT: number | null = null,
  ): void {
    const bar = this.open.get(`${group} ${id}`);
    if (!bar) return;
    this.open.delete(`${group} ${id}`);
    Object.assign(bar, { toMs, outcome, status, detail });
    if (firstT !== null) bar.firstByteMs ??= firstT - bar.fromMs;
    const kept = outcome === 'ok' || outcome === 'left' ? this.good : this.bad;
    kept.push(bar);
    if (kept.length < 2 * this.maxBars) return;
    const { kept: longest, omitted } = thinned(kept, this.maxBars);
    countOmitted(this.lanes, omitted);
    kept.splice(0, kept.length, ...longest);
  }

  private laneOf(group: LaneGroup, name: string): number {
    const key = `${group} ${name}`;
    const lane =
      this.laneByKey.get(key) ?? this.lanes.push({ group, name, total: 0, omitted: 0 }) - 1;
    this.laneByKey.set(key, lane);
    (this.lanes[lane] as Lane).total++;
    return lane;
  }
}

const PER_STRETCH = 8;

/** The longest of each stretch of time: at most about `most`. */
function thinned(bars: readonly Bar[], most: number): { kept: Bar[]; omitted: Bar[] } {
  if (bars.length <= most) return { kept: [...bars], omitted: [] };
  const lastMs = bars.reduce((latest, { fromMs }) => Math.max(latest, fromMs), 1);
  const stretchMs = lastMs / Math.max(1, Math.floor(most / PER_STRETCH));
  const stretches = Map.groupBy(bars, ({ fromMs }) => Math.floor(fromMs / stretchMs));
  const durationMs = ({ fromMs, toMs }: Bar): number => toMs - fromMs;
  const kept = [...stretches.values()].flatMap((inStretch) =>
    inStretch.toSorted((a, b) => durationMs(b) - durationMs(a)).slice(0, PER_STRETCH),
  );
  const isKept = new Set(kept);
  return { kept, omitted: bars.filter((bar) => !isKept.has(bar)) };
}

function countOmitted(lanes: readonly Lane[], omitted: readonly Bar[]): void {
  for (const { lane } of omitted) (lanes[lane] as Lane).omitted++;
}

const WORK_OUTCOME = { done: 'ok', failed: 'failed', gone: 'left', unknown: 'unknown' } as const;

const MODEL_OUTCOME: Record<ModelEnding, Outcome> = {
  complete: 'ok',
  'error-status': 'failed',
  truncated: 'failed',
  fin: 'failed',
  reset: 'failed',
  'client-closed': 'left',
  shutdown: 'unknown',
};

function columnsOf(lanes: Lane[], bars: readonly Bar[]): Bars {
  const texts: string[] = [];
  const indexByText = new Map<string, number>();
  const indexOf = (text: string | null): number => {
    if (text === null || text === '') return -1;
    const shown = text.slice(0, MAX_TEXT);
    const index = indexByText.get(shown) ?? texts.push(shown) - 1;
    indexByText.set(shown, index);
    return index;
  };
  const whole = (ms: number | null): number => (ms === null ? -1 : Math.round(ms));
  return {
    lanes,
    lane: bars.map(({ lane }) => lane),
    id: bars.map(({ id }) => id),
    fromMs: bars.map(({ fromMs }) => whole(fromMs)),
    toMs: bars.map(({ toMs }) => whole(toMs)),
    outcome: bars.map(({ outcome }) => OUTCOMES.indexOf(outcome)),
    slow: bars.map(({ outcome, fromMs, toMs, limitMs }) =>
      outcome === 'ok' && toMs - fromMs > limitMs ? 1 : 0,
    ),
    status: bars.map(({ status }) => status ?? -1),
    firstByteMs: bars.map(({ firstByteMs }) => whole(firstByteMs)),
    subject: bars.map(({ subject }) => indexOf(subject)),
    detail: bars.map(({ detail }) => indexOf(detail)),
    texts,
  };
}
