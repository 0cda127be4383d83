/**
 * Requests, accepted work and upstream calls as asynchronous events, and flows from a request to the calls
 * that were made for it. A call belongs to a request when it is about the same subject, or about what the
 * server acknowledged to that request: which may come after the call.
 */
import type { EventOf, HistoryEvent } from '../../history/events.ts';
import { microseconds, PID, type TraceEvent } from './trace-event.ts';

/** What a call or a request is remembered for; older ones are forgotten. */
const MAX_REMEMBERED = 20_000;

export class RequestTracks {
  private readonly requests = new Map<number, EventOf<'request'>>();
  private readonly work = new Map<number, EventOf<'work'>>();
  private readonly calls = new Map<number, EventOf<'model-start'>>();
  /** The request that a subject belongs to. */
  private readonly requestBySubject = new Map<string, number>();
  /** Calls about a subject that no request is known for yet. */
  private readonly callsBySubject = new Map<string, EventOf<'model-start'>[]>();

  step(event: HistoryEvent): TraceEvent[] {
    switch (event.kind) {
      case 'request':
        this.requests.set(event.id, event);
        if (event.subject) this.remember(event.subject, event.id);
        return [this.requestBegin(event)];
      case 'request-progress': {
        const { id, t, bytes, events } = event;
        return this.at(this.requests.get(id), 'n', t, { progress: `${bytes} bytes`, events });
      }
      case 'request-end': {
        const request = this.requests.get(event.id);
        this.requests.delete(event.id);
        const { outcome, status, detail, acknowledged, stream } = event;
        const ended = this.at(request, 'e', event.t, {
          ...{ outcome, status, detail, acknowledged },
          ...(outcome === 'unknown' ? { neverEnded: true } : {}),
          ...(stream ? { stream } : {}),
        });
        return [...(acknowledged ? this.claim(acknowledged, event.id) : []), ...ended];
      }
      case 'work':
        this.work.set(event.id, event);
        return [this.workEvent(event, 'b', event.t, { subject: event.subject })];
      case 'work-end': {
        const work = this.work.get(event.id);
        this.work.delete(event.id);
        return work ? [this.workEvent(work, 'e', event.t, { outcome: event.outcome })] : [];
      }
      case 'model-start':
        this.calls.set(event.id, event);
        return this.callBegin(event);
      case 'model-first-byte':
        return this.callEvent(event.id, 'n', event.t, 'first byte', {});
      case 'model-silent':
        return this.callEvent(event.id, 'n', event.t, 'silent', { behaviour: event.behaviour });
      case 'model-end': {
        const { id, t, ending, status, bytes, tokens } = event;
        const ended = this.callEvent(id, 'e', t, null, { ending, status, bytes, tokens });
        this.calls.delete(id);
        return ended;
      }
      default:
        return [];
    }
  }

  private requestBegin({
    t,
    id,
    operation,
    operationKind,
    subject,
    group,
  }: EventOf<'request'>): TraceEvent {
    return {
      ...{ name: operation, cat: operationKind, ph: 'b', ts: microseconds(t) },
      ...{ pid: PID.clients, id: `r${id}`, bind_id: flowOf(id), flow_out: true },
      args: { request: id, subject, group },
    };
  }

  private at(
    request: EventOf<'request'> | undefined,
    ph: 'n' | 'e',
    t: number,
    args: Record<string, unknown>,
  ): TraceEvent[] {
    if (!request) return [];
    const { operation, operationKind, id } = request;
    return [
      {
        ...{ name: operation, cat: operationKind, ph, ts: microseconds(t) },
        ...{ pid: PID.clients, id: `r${id}`, args },
      },
    ];
  }

  private workEvent(
    { id, operation }: EventOf<'work'>,
    ph: 'b' | 'e',
    t: number,
    args: Record<string, unknown>,
  ): TraceEvent {
    const name = `${operation}, accepted`;
    return { name, cat: 'work', ph, ts: microseconds(t), pid: PID.clients, id: `w${id}`, args };
  }

  private callBegin(call: EventOf<'model-start'>): TraceEvent[] {
    const { id, t, subject } = call;
    const begun = this.callEvent(id, 'b', t, null, { call: id, subject });
    if (subject === null) return begun;
    const request = this.requestBySubject.get(subject);
    if (request !== undefined) return [...begun, this.belongsTo(call, request)];
    this.callsBySubject.set(subject, [...(this.callsBySubject.get(subject) ?? []), call]);
    forgetOldest(this.callsBySubject);
    return begun;
  }

  private callEvent(
    id: number,
    ph: 'b' | 'n' | 'e',
    t: number,
    marker: string | null,
    args: Record<string, unknown>,
  ): TraceEvent[] {
    const call = this.calls.get(id);
    if (!call) return [];
    const { upstream, operation } = call;
    return [
      {
        ...{ name: `${upstream} ${operation}`, cat: 'call', ph, ts: microseconds(t) },
        ...{ pid: PID.upstream, id: `c${id}`, args: marker === null ? args : { marker, ...args } },
      },
    ];
  }

  /** What the server acknowledged says which calls were made for the request. */
  private claim(acknowledged: string, request: number): TraceEvent[] {
    this.remember(acknowledged, request);
    const calls = this.callsBySubject.get(acknowledged) ?? [];
    this.callsBySubject.delete(acknowledged);
    return calls.map((call) => this.belongsTo(call, request));
  }

  /** At the instant at which the call began, so that the arrow ends in it, also when it is over. */
  private belongsTo(
    { id, t, upstream, operation }: EventOf<'model-start'>,
    request: number,
  ): TraceEvent {
    return {
      ...{ name: `${upstream} ${operation}`, cat: 'call', ph: 'n', ts: microseconds(t) },
      ...{ pid: PID.upstream, id: `c${id}`, bind_id: flowOf(request), flow_in: true },
      args: { marker: `for request ${request}` },
    };
  }

  private remember(subject: string, request: number): void {
    this.requestBySubject.set(subject, request);
    forgetOldest(this.requestBySubject);
  }
}

const flowOf = (request: number): string => `0x${request.toString(16)}`;

function forgetOldest(map: Map<string, unknown>): void {
  if (map.size <= MAX_REMEMBERED) return;
  const [oldest] = map.keys();
  map.delete(oldest as string);
}
