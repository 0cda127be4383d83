/**
 * Every request of a run goes through here, so that the history knows its start, its end and, for one
 * that never ends, its age.
 */

import type { Operation, Outcome } from '../history/history.ts';
import type { Recorder } from '../history/recorder.ts';
import { monotonicMs } from '../platform/clock.ts';
import { messageOf } from '../platform/errors.ts';

export interface Answer {
  status: number;
  /** What the server promised: the id of an accepted document, say. */
  acknowledged?: string | null;
  detail?: string | null;
}

export interface RequestPlan {
  operation: Operation;
  subject?: string | null;
  /** `others` for requests that the fault must not touch. */
  group?: string;
}

export interface RequestResult extends Answer {
  outcome: Outcome;
}

export interface Requests extends AsyncDisposable {
  /** Sends, waits without any limit of its own, records. Never rejects. */
  send(
    plan: RequestPlan,
    request: (signal: AbortSignal) => Promise<Answer>,
  ): Promise<RequestResult>;
  readonly openCount: number;
}

/** A 2xx is ok; an answer of any other kind, or a broken connection, has failed; an abort is unknown. */
export function recordRequests(recorder: Recorder): Requests {
  const giveUp = new AbortController();
  const open = new Set<Promise<RequestResult>>();
  let lastId = 0;

  async function send(
    plan: RequestPlan,
    request: (signal: AbortSignal) => Promise<Answer>,
  ): Promise<RequestResult> {
    const id = ++lastId;
    const startMs = monotonicMs();
    const { operation, subject = null, group = 'load' } = plan;
    recorder.record({ kind: 'request', id, operation, subject, group }, startMs);
    const end = (outcome: Outcome, answer: Partial<Answer>): RequestResult => {
      recorder.record({
        kind: 'request-end',
        id,
        outcome,
        status: answer.status ?? null,
        durationMs: Math.round((monotonicMs() - startMs) * 10) / 10,
        detail: answer.detail ?? null,
        acknowledged: answer.acknowledged ?? null,
      });
      return { outcome, status: 0, ...answer };
    };
    try {
      const answer = await request(giveUp.signal);
      return end(answer.status >= 200 && answer.status < 300 ? 'ok' : 'failed', answer);
    } catch (error) {
      if (giveUp.signal.aborted) {
        return end('unknown', { detail: 'given up at the end of the run' });
      }
      return end('failed', { detail: connectionErrorOf(error) });
    }
  }

  return {
    send(plan, request) {
      const pending = send(plan, request);
      open.add(pending);
      void pending.then(() => open.delete(pending));
      return pending;
    },
    get openCount() {
      return open.size;
    },
    async [Symbol.asyncDispose]() {
      giveUp.abort();
      await Promise.all(open);
    },
  };
}

/** undici and fetch wrap what happened to the connection into a cause. */
function connectionErrorOf(error: unknown): string {
  const cause = error instanceof Error && error.cause ? error.cause : error;
  const code = (cause as NodeJS.ErrnoException).code;
  return code ? `${code}: ${messageOf(cause)}` : messageOf(cause);
}
