/**
 * Every request of a run goes through here, so that the history knows its start, its end and, for one
 * that never ends, its age.
 */
import type { EventOf, Limits, OperationKind, Outcome } from '../history/events.ts';
import type { Recorder } from '../history/recorder.ts';
import { monotonicMs } from '../platform/clock.ts';
import { messageOf } from '../platform/errors.ts';

export interface RequestPlan {
  operation: string;
  operationKind: OperationKind;
  subject?: string | null;
  /** `others` for requests that the fault must not touch. */
  group?: string;
  /** Its own limits, where they differ from the target's. */
  limits?: Partial<Limits>;
  /** Its client means to leave before the end, or does not read: when it ends says nothing. */
  leaves?: boolean;
}

/** How a request came out, as whoever sent it judges. */
export interface RequestOutcome {
  outcome: Exclude<Outcome, 'unknown'>;
  status: number | null;
  detail?: string | null;
  /** What the server promised: the id of accepted work, say. */
  acknowledged?: string | null;
  stream?: EventOf<'request-end'>['stream'];
}

export interface RequestResult extends Omit<RequestOutcome, 'outcome'> {
  outcome: Outcome;
}

/** What a request may say while it is open. */
export interface OpenRequest {
  /** Aborts when the run is over: the request is given up. */
  readonly signal: AbortSignal;
  /** Of a stream: how much has come so far. */
  progress(bytes: number, events: number, lastMs: number): void;
}

export interface Requests extends AsyncDisposable {
  /** Sends, waits without any limit of its own, records. Never rejects. */
  send(
    plan: RequestPlan,
    request: (open: OpenRequest) => Promise<RequestOutcome>,
  ): Promise<RequestResult>;
  /** The number of the next request or piece of work: unique in a run. */
  nextId(): number;
  readonly openCount: number;
  /** How many have been sent so far. */
  readonly count: number;
  /** Of these, those whose clients leave on purpose, and those of the load besides. */
  readonly suspects: { readonly left: number; readonly load: number };
}

/** A broken connection has failed; what is given up at the end is unknown. */
export function recordRequests(recorder: Recorder): Requests {
  const giveUp = new AbortController();
  const open = new Set<Promise<RequestResult>>();
  let lastId = 0;
  let count = 0;
  const suspects = { left: 0, load: 0 };

  async function send(
    plan: RequestPlan,
    request: (open: OpenRequest) => Promise<RequestOutcome>,
  ): Promise<RequestResult> {
    const id = ++lastId;
    const startMs = monotonicMs();
    const { operation, operationKind, subject = null, group = 'load', limits = {} } = plan;
    const own = {
      ...(Object.keys(limits).length > 0 ? { limits } : {}),
      ...(plan.leaves ? { leaves: true as const } : {}),
    };
    recorder.record(
      { kind: 'request', id, operation, operationKind, subject, group, ...own },
      startMs,
    );
    const end = (result: RequestResult): RequestResult => {
      const { outcome, status, detail = null, acknowledged = null, stream } = result;
      const durationMs = Math.round((monotonicMs() - startMs) * 10) / 10;
      recorder.record({
        kind: 'request-end',
        ...{ id, outcome, status, durationMs, detail, acknowledged },
        ...(stream ? { stream } : {}),
      });
      return result;
    };
    const progress: OpenRequest['progress'] = (bytes, events, lastMs) => {
      const lastT = Math.round((lastMs - recorder.startedAtMs) * 10) / 10;
      recorder.record({ kind: 'request-progress', id, bytes, events, lastT });
    };
    try {
      return end(await request({ signal: giveUp.signal, progress }));
    } catch (error) {
      if (giveUp.signal.aborted) {
        return end({ outcome: 'unknown', status: null, detail: 'given up at the end of the run' });
      }
      return end({ outcome: 'failed', status: null, detail: connectionErrorOf(error) });
    }
  }

  return {
    send(plan, request) {
      count++;
      if (plan.leaves) suspects.left++;
      else if (plan.group !== 'others') suspects.load++;
      const pending = send(plan, request);
      open.add(pending);
      void pending.then(() => open.delete(pending));
      return pending;
    },
    nextId: () => ++lastId,
    get openCount() {
      return open.size;
    },
    get count() {
      return count;
    },
    suspects,
    async [Symbol.asyncDispose]() {
      giveUp.abort();
      await Promise.all(open);
    },
  };
}

/** undici and fetch wrap what happened to the connection into a cause. */
export function connectionErrorOf(error: unknown): string {
  const cause = error instanceof Error && error.cause ? error.cause : error;
  const code = (cause as NodeJS.ErrnoException).code;
  return code ? `${code}: ${messageOf(cause)}` : messageOf(cause);
}
