/**
 * How long a server was out in a run: from the moment at which the first request that got no good answer was
 * due, to the first good answer after it. By the health endpoint where there is one, else by requests.
 */
import type { HistoryEvent } from '../history/events.ts';

export interface Outage {
  /** The longest one, in milliseconds; 0 when there was none. */
  longestMs: number;
  /** Whether it began in the fault phase and was over before the fault was healed; null without an outage. */
  endedBeforeHeal: boolean | null;
  /** It went on to the end of the run. */
  isOpen: boolean;
}

interface Probe {
  dueMs: number;
  /** null: not answered. */
  answeredMs: number | null;
  isGood: boolean;
}

/** An answer that took longer counts as none: four times the least limit of a health endpoint. */
const LATE_MS = 1_000;

export class OutageFold {
  private readonly health = new Map<number, Probe>();
  private readonly requests = new Map<number, Probe>();
  private limitMs = LATE_MS;
  private baselineMs: number | null = null;
  private healMs: number | null = null;
  /** A diagnosis holds the fault while it looks: that time is ours. */
  private readonly looks: { fromMs: number; toMs: number }[] = [];

  push(event: HistoryEvent): void {
    if (event.kind === 'run') this.limitMs = Math.max(LATE_MS, event.limits.requestMs);
    else if (event.kind === 'phase') {
      if (event.phase === 'baseline') this.baselineMs = event.t;
      if (event.phase === 'recovery') this.healMs = event.t;
    } else if (event.kind === 'look') {
      if (event.event === 'begun')
        this.looks.push({ fromMs: event.t, toMs: Number.POSITIVE_INFINITY });
      else for (const look of this.looks) look.toMs = Math.min(look.toMs, event.t);
    } else if (event.kind === 'health' && this.baselineMs !== null) {
      const { intendedT, latencyMs, answered, good } = event;
      this.health.set(intendedT, {
        dueMs: intendedT,
        answeredMs: answered ? intendedT + latencyMs : null,
        isGood: answered && good,
      });
    } else if (event.kind === 'request' && this.baselineMs !== null) {
      if (event.operationKind === 'stream') return;
      this.requests.set(event.id, { dueMs: event.t, answeredMs: null, isGood: false });
    } else if (event.kind === 'request-end') {
      const known = this.requests.get(event.id);
      if (event.outcome === 'left') this.requests.delete(event.id);
      else if (known && event.outcome !== 'unknown') {
        known.answeredMs = event.t;
        known.isGood = event.outcome === 'ok';
      }
    }
  }

  /** @param nowMs the end of the run. */
  outage(nowMs: number): Outage {
    const byHealth = this.health.size > 0;
    const probes = [...(byHealth ? this.health : this.requests).values()];
    const lateMs = byHealth ? LATE_MS : this.limitMs;
    const longest = outages(probes, lateMs, nowMs)
      .map((span) => ({ ...span, ms: Math.round(span.toMs - span.fromMs - this.lookedMs(span)) }))
      .reduce<(Span & { ms: number }) | null>(
        (most, each) => (most && most.ms >= each.ms ? most : each),
        null,
      );
    // What a diagnosis has held up is no outage.
    if (longest === null || longest.ms <= 0) {
      return { longestMs: 0, endedBeforeHeal: null, isOpen: false };
    }
    const { fromMs, toMs, isOpen, ms } = longest;
    const healMs = this.healMs ?? nowMs;
    return {
      longestMs: ms,
      endedBeforeHeal: fromMs > healMs ? null : !isOpen && toMs < healMs,
      isOpen,
    };
  }

  private lookedMs({ fromMs, toMs }: Span): number {
    return this.looks.reduce(
      (sum, look) => sum + Math.max(0, Math.min(look.toMs, toMs) - Math.max(look.fromMs, fromMs)),
      0,
    );
  }
}

interface Span {
  fromMs: number;
  toMs: number;
  isOpen: boolean;
}

function outages(probes: readonly Probe[], lateMs: number, nowMs: number): Span[] {
  const good = probes
    .flatMap(({ isGood, answeredMs }) => (isGood && answeredMs !== null ? answeredMs : []))
    .sort((x, y) => x - y);
  const bad = probes
    .filter(({ isGood, dueMs, answeredMs }) =>
      isGood
        ? (answeredMs ?? nowMs) - dueMs > lateMs
        : answeredMs !== null || nowMs - dueMs > lateMs,
    )
    .map(({ dueMs }) => dueMs)
    .sort((x, y) => x - y);
  const spans: Span[] = [];
  let at = 0;
  for (const fromMs of bad) {
    const before = spans.at(-1);
    if (before && fromMs < before.toMs) continue;
    while (at < good.length && (good[at] as number) <= fromMs) at++;
    const end = good[at];
    spans.push({ fromMs, toMs: end ?? nowMs, isOpen: end === undefined });
  }
  return spans;
}
