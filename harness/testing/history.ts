/** Builds histories for the tests of checks: events as a real run would have written them. */
import {
  type EventBody,
  type History,
  type HistoryEvent,
  historyOf,
  type Limits,
  type Phase,
} from '../history/history.ts';

export const LIMITS: Limits = { attemptMs: 1200, requestMs: 2000, idleMs: 300, graceMs: 2000 };

export interface HistoryBuilder {
  at(t: number, body: EventBody): HistoryBuilder;
  phase(t: number, phase: Phase): HistoryBuilder;
  /** A request from `t` on; without `durationMs` it never ends. */
  request(t: number, durationMs?: number, options?: RequestOptions): HistoryBuilder;
  /** Health probes every 50 ms in [fromMs, toMs), all with these latencies. */
  health(fromMs: number, toMs: number, latencyMs: number, controlMs?: number): HistoryBuilder;
  /** What the target's listing said. */
  rows(t: number, rows: Record<string, number>): HistoryBuilder;
  build(untilMs: number, complete?: boolean): History;
}

export interface RequestOptions {
  operation?: string;
  group?: string;
  outcome?: 'ok' | 'failed' | 'unknown';
  subject?: string;
}

export function history(limits: Limits = LIMITS): HistoryBuilder {
  const events: HistoryEvent[] = [];
  let lastId = 0;
  const builder: HistoryBuilder = {
    at(t, body) {
      events.push({ t, ...body } as HistoryEvent);
      return builder;
    },
    phase: (t, phase) => builder.at(t, { kind: 'phase', phase }),
    request(t, durationMs, { operation = 'upload', group = 'load', outcome = 'ok', subject } = {}) {
      const id = ++lastId;
      builder.at(t, { kind: 'request', id, operation, subject: subject ?? `Guide ${id}`, group });
      if (durationMs === undefined) return builder;
      return builder.at(t + durationMs, {
        kind: 'request-end',
        id,
        outcome,
        status: outcome === 'ok' ? 201 : 503,
        durationMs,
        detail: outcome === 'ok' ? null : 'refused',
        acknowledged: null,
      });
    },
    health(fromMs, toMs, latencyMs, controlMs = 1) {
      for (let t = fromMs; t < toMs; t += 50) {
        const answered = { kind: 'health', intendedT: t, latencyMs, answered: true } as const;
        builder.at(t + latencyMs, { ...answered, status: 200, controlMs });
      }
      return builder;
    },
    rows: (t, rows) =>
      builder.at(t, { kind: 'progress', progress: { documents: {}, rows }, latencyMs: 1 }),
    build(untilMs, complete = true) {
      const ordered = events.filter(({ t }) => t <= untilMs).toSorted((a, b) => a.t - b.t);
      return historyOf(ordered, untilMs, complete);
    },
  };
  builder.at(0, { kind: 'run', scenario: 'test', defect: null, seed: 1, limits });
  return builder;
}
