/**
 * From the events of a history to spans: one for the run, below it one for each phase, fault, request and
 * upstream call. Findings and the diagnosis are events of the run's span.
 */
import type { Finding } from '../../checks/check.ts';
import type { EventOf, HistoryEvent } from '../../history/events.ts';
import {
  attributes,
  type Facts,
  nanoseconds,
  type OtlpSpan,
  SPAN_KIND,
  STATUS,
  spanIdOf,
  traceIdOf,
} from './otlp-span.ts';

/** What the spans need that is not in the history. */
export interface SpanContext {
  scenario: string;
  variant: string | null;
  seed: number;
  /** ISO 8601. */
  startedAt: string;
  verdict: string;
  findings: readonly Finding[];
  failedAtMs: Readonly<Record<string, number>>;
  diagnosis: { code: string; sentence: string } | null;
}

interface Pending {
  key: string;
  name: string;
  kind: number;
  t: number;
  facts: Facts;
  events: { t: number; name: string; facts: Facts }[];
}

export class SpanFold {
  private readonly epochMs: number;
  private readonly traceId: string;
  private readonly rootId: string;
  private readonly context: SpanContext;
  private readonly open = new Map<string, Pending>();
  private untilMs = 0;

  constructor(context: SpanContext) {
    this.context = context;
    const { scenario, variant, seed, startedAt } = context;
    const epochMs = Date.parse(startedAt);
    this.epochMs = Number.isFinite(epochMs) ? epochMs : 0;
    this.traceId = traceIdOf(`${scenario} ${variant} ${seed} ${startedAt}`);
    this.rootId = spanIdOf(this.traceId, 'run');
  }

  /** The spans that end with this event. */
  step(event: HistoryEvent): OtlpSpan[] {
    const { t } = event;
    this.untilMs = Math.max(this.untilMs, t);
    switch (event.kind) {
      case 'phase': {
        const ended = this.end('phase', t);
        this.begin('phase', `phase ${event.phase}`, SPAN_KIND.internal, t, {});
        return ended;
      }
      case 'fault':
        return this.fault(event);
      case 'request': {
        const { id, operation, operationKind, subject, group } = event;
        this.begin(`request ${id}`, operation, SPAN_KIND.client, t, {
          'hanglab.request.id': id,
          'hanglab.operation.kind': operationKind,
          'hanglab.subject': subject,
          'hanglab.group': group,
        });
        return [];
      }
      case 'request-end': {
        const { id, outcome, status, detail, stream } = event;
        const facts = {
          'hanglab.outcome': outcome,
          'http.response.status_code': status,
          'hanglab.stream.events': stream?.events,
          'hanglab.stream.longest_gap_ms': stream?.longestGap?.ms,
        };
        const isError = outcome === 'failed' || outcome === 'unknown';
        return this.end(`request ${id}`, t, facts, isError ? (detail ?? outcome) : null);
      }
      case 'model-start': {
        const { id, upstream, operation, subject } = event;
        const facts = { 'hanglab.call.id': id, 'hanglab.upstream': upstream };
        const name = `${upstream} ${operation}`;
        this.begin(`call ${id}`, name, SPAN_KIND.server, t, {
          ...facts,
          'hanglab.subject': subject,
        });
        return [];
      }
      case 'model-first-byte':
        this.note(`call ${event.id}`, t, 'first byte', {});
        return [];
      case 'model-silent':
        this.note(`call ${event.id}`, t, 'silent', { behaviour: event.behaviour });
        return [];
      case 'model-end': {
        const { id, ending, status, tokens } = event;
        const facts = { 'http.response.status_code': status, 'hanglab.tokens': tokens };
        return this.end(`call ${id}`, t, facts, ending === 'complete' ? null : ending);
      }
      default:
        return [];
    }
  }

  /** What had not ended, and the run itself. */
  finish(): OtlpSpan[] {
    const open = [...this.open.keys()].flatMap((key) => {
      const isStuck = key.startsWith('request') || key.startsWith('call');
      const facts = isStuck ? { 'hanglab.never_ended': true } : {};
      return this.end(
        key,
        this.untilMs,
        facts,
        isStuck ? 'it had not ended when the run did' : null,
      );
    });
    return [...open, this.root()];
  }

  private root(): OtlpSpan {
    const { scenario, variant, seed, verdict, findings, failedAtMs, diagnosis } = this.context;
    const facts = {
      'hanglab.scenario': scenario,
      'hanglab.variant': variant,
      'hanglab.seed': seed,
      'hanglab.verdict': verdict,
    };
    const events = findings.map((finding) => ({
      t: failedAtMs[finding.check] ?? this.untilMs,
      name: `finding ${finding.check}`,
      facts: findingFacts(finding),
    }));
    if (diagnosis) {
      const told = { 'hanglab.code': diagnosis.code, 'hanglab.sentence': diagnosis.sentence };
      events.push({ t: this.untilMs, name: 'diagnosis', facts: told });
    }
    const pending = { key: 'run', name: `hanglab ${scenario}`, kind: SPAN_KIND.internal, t: 0 };
    const failure = verdict === 'fail' ? (diagnosis?.sentence ?? 'a check failed') : null;
    const span = this.span({ ...pending, facts, events }, this.untilMs, {}, failure);
    const { parentSpanId: _, ...root } = span;
    return root;
  }

  private fault({ t, fault, event, detail }: EventOf<'fault'>): OtlpSpan[] {
    const key = `fault ${fault}`;
    if (event === 'injected') {
      this.begin(key, key, SPAN_KIND.internal, t, { 'hanglab.fault': fault });
      return [];
    }
    if (event === 'healed') return this.end(key, t);
    this.note(key, t, 'took effect', { detail });
    return [];
  }

  private begin(key: string, name: string, kind: number, t: number, facts: Facts): void {
    this.open.set(key, { key: `${key} ${t}`, name, kind, t, facts, events: [] });
  }

  private note(key: string, t: number, name: string, facts: Facts): void {
    this.open.get(key)?.events.push({ t, name, facts });
  }

  private end(
    key: string,
    t: number,
    facts: Facts = {},
    failure: string | null = null,
  ): OtlpSpan[] {
    const pending = this.open.get(key);
    if (!pending) return [];
    this.open.delete(key);
    return [this.span(pending, t, facts, failure)];
  }

  private span(pending: Pending, t: number, facts: Facts, failure: string | null): OtlpSpan {
    const at = (ms: number): string => nanoseconds(this.epochMs, ms);
    const isRoot = pending.key === 'run';
    return {
      traceId: this.traceId,
      spanId: isRoot ? this.rootId : spanIdOf(this.traceId, pending.key),
      ...{ parentSpanId: this.rootId, name: pending.name, kind: pending.kind },
      startTimeUnixNano: at(pending.t),
      endTimeUnixNano: at(Math.max(t, pending.t)),
      attributes: attributes({ ...pending.facts, ...facts }),
      events: pending.events.map((event) => ({
        timeUnixNano: at(event.t),
        name: event.name,
        attributes: attributes(event.facts),
      })),
      status: failure === null ? { code: STATUS.unset } : { code: STATUS.error, message: failure },
    };
  }
}

function findingFacts({ verdict, message, phase, measured, limit, known }: Finding): Facts {
  return {
    'hanglab.verdict': verdict,
    'hanglab.message': message,
    'hanglab.phase': phase,
    'hanglab.measured': measured?.value,
    'hanglab.limit': limit?.value,
    'hanglab.unit': measured?.unit,
    'hanglab.known': known,
  };
}
