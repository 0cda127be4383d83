/** Builds histories for the tests of checks: events as a real run would have written them. */
import type {
  EventBody,
  EventOf,
  HistoryEvent,
  Limits,
  OperationKind,
  Outcome,
  Phase,
} from '../history/events.ts';
import { type History, historyOf } from '../history/history.ts';

export const LIMITS: Limits = { requestMs: 2000, idleMs: 300, shutdownMs: 2000 };

export interface HistoryBuilder {
  at(t: number, body: EventBody): HistoryBuilder;
  phase(t: number, phase: Phase): HistoryBuilder;
  /** A request from `t` on; without `durationMs` it never ends. */
  request(t: number, durationMs?: number, options?: RequestOptions): HistoryBuilder;
  /** Accepted work that is followed from `t` on; without `durationMs` it is never done. */
  work(t: number, durationMs?: number, options?: WorkOptions): HistoryBuilder;
  /** A call at the scripted model from `t` on; without `durationMs` it never ends. */
  call(t: number, durationMs?: number, options?: CallOptions): HistoryBuilder;
  /** Health probes every 50 ms in [fromMs, toMs), all with these latencies. */
  health(fromMs: number, toMs: number, latencyMs: number, controlMs?: number): HistoryBuilder;
  /** What the target tells of its accepted work. */
  progress(t: number, open: number, done: number, givenUp?: number): HistoryBuilder;
  process(t: number, sample?: Partial<EventOf<'process'>>): HistoryBuilder;
  resources(t: number, sample?: Partial<EventOf<'resources'>>): HistoryBuilder;
  audit(t: number, audit?: Partial<EventOf<'audit'>>): HistoryBuilder;
  build(untilMs: number, complete?: boolean): History;
}

export interface RequestOptions {
  operation?: string;
  operationKind?: OperationKind;
  group?: string;
  outcome?: Outcome;
  subject?: string;
  stream?: EventOf<'request-end'>['stream'];
  limits?: Partial<Limits>;
  leaves?: true;
}

export interface WorkOptions {
  group?: string;
  outcome?: EventOf<'work-end'>['outcome'];
  subject?: string;
}

export interface CallOptions {
  subject?: string;
  ending?: EventOf<'model-end'>['ending'];
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
    request(t, durationMs, options = {}) {
      const id = ++lastId;
      const { operation = 'write', operationKind = 'write', group = 'load' } = options;
      const { outcome = 'ok', subject = `Guide ${id}`, stream, limits: own, leaves } = options;
      builder.at(t, {
        ...{ kind: 'request', id, operation, operationKind, subject, group },
        ...(own ? { limits: own } : {}),
        ...(leaves ? { leaves } : {}),
      });
      if (durationMs === undefined) return builder;
      return builder.at(t + durationMs, {
        kind: 'request-end',
        id,
        outcome,
        status: outcome === 'ok' ? 201 : 503,
        durationMs,
        detail: outcome === 'ok' ? null : 'refused',
        acknowledged: null,
        ...(stream ? { stream } : {}),
      });
    },
    work(t, durationMs, { group = 'load', outcome = 'done', subject } = {}) {
      const id = ++lastId;
      builder.at(t, { kind: 'work', id, operation: 'write', subject: subject ?? null, group });
      if (durationMs === undefined) return builder;
      return builder.at(t + durationMs, { kind: 'work-end', id, outcome, durationMs });
    },
    call(t, durationMs, { subject, ending = 'complete' } = {}) {
      const id = ++lastId;
      const what = { upstream: 'llm', operation: 'chat', subject: subject ?? null };
      builder.at(t, { kind: 'model-start', id, ...what });
      if (durationMs === undefined) return builder;
      const end = { ending, status: 200, bytes: 100, tokens: 5 };
      return builder.at(t + durationMs, { kind: 'model-end', id, ...end });
    },
    health(fromMs, toMs, latencyMs, controlMs = 1) {
      for (let t = fromMs; t < toMs; t += 50) {
        const answered = { kind: 'health', intendedT: t, latencyMs, answered: true } as const;
        builder.at(t + latencyMs, { ...answered, status: 200, good: true, controlMs });
      }
      return builder;
    },
    progress: (t, open, done, givenUp = 0) =>
      builder.at(t, { kind: 'progress', progress: { open, done, givenUp }, latencyMs: 1 }),
    process: (t, sample = {}) => builder.at(t, { ...PROCESS, ...sample }),
    resources: (t, sample = {}) => builder.at(t, { ...RESOURCES, ...sample }),
    audit: (t, audit = {}) => builder.at(t, { ...AUDIT, askedT: t - 10, ...audit }),
    build(untilMs, complete = true) {
      const ordered = events.filter(({ t }) => t <= untilMs).toSorted((a, b) => a.t - b.t);
      return historyOf(ordered, untilMs, complete);
    },
  };
  const run = { scenario: 'test', target: 'test', defect: null, seed: 1, limits };
  builder.at(0, { kind: 'run', ...run });
  return builder;
}

const PROCESS: EventBody & { kind: 'process' } = {
  kind: 'process',
  alive: true,
  pids: [1],
  fds: 40,
  threads: 9,
  rssBytes: 1,
  cpuMs: 1,
  mainThreadCpuMs: 1,
  state: 'S',
  waitPercent: 0,
  stealPercent: 0,
  foreignPercent: 0,
  children: 0,
  costMs: 0.1,
};

const RESOURCES: EventBody & { kind: 'resources' } = {
  kind: 'resources',
  fdsByKind: {},
  fdsByPath: {},
  sockets: [],
  threads: [],
  costMs: 0.1,
};

const AUDIT: EventBody & { kind: 'audit' } = {
  kind: 'audit',
  subject: 'Guide 1',
  id: 'd_1',
  expected: 'done',
  asked: 'answered',
  detail: null,
  state: 'done',
  copies: 1,
  heldMs: null,
  askedT: 0,
};
