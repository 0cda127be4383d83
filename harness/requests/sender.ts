/** Sends a target's operations over the front link, and remembers what the target acknowledged. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Limits } from '../history/events.ts';
import type { Recorder } from '../history/recorder.ts';
import { monotonicMs } from '../platform/clock.ts';
import type { HttpClient } from '../target/operations/http.ts';
import type { HttpAnswer } from '../target/operations/http-message.ts';
import type { Input } from '../target/operations/input.ts';
import type { Operation, WorkState } from '../target/operations/operation.ts';
import type { Receipts } from './receipts.ts';
import type {
  OpenRequest,
  RequestOutcome,
  RequestPlan,
  RequestResult,
  Requests,
} from './requests.ts';
import { sendStream } from './send-stream.ts';

/** A client that waits for its work asks as often as this. */
const ASK_EVERY_MS = 100;

export interface Sender {
  /**
   * Sends one request and records it. What a write acknowledged is kept for the audit.
   * @param leave aborts when the client of a stream is to go on purpose. Without it a stream is read to its
   * end, and one that has none for a moment.
   */
  send(
    operation: Operation,
    input: Input,
    group?: string,
    leave?: AbortSignal,
  ): Promise<RequestResult>;
  /** Closes the clients' idle connections, so that what is counted at the target is its own. */
  closeIdle(): void;
  /** Follows acknowledged work until it is done, failed or gone, by asking for its state now and then. */
  follow(operation: Operation, input: Input, id: string, group?: string): Promise<void>;
}

export interface SenderOptions {
  client: HttpClient;
  requests: Requests;
  receipts: Receipts;
  recorder: Recorder;
  /** Those that the target declares. */
  limits: Limits;
  /** Aborts when the run is over. */
  signal: AbortSignal;
}

export function operationSender(options: SenderOptions): Sender {
  const { client, requests, receipts, recorder, limits, signal } = options;
  const { startedAtMs } = recorder;
  return {
    closeIdle: () => client.closeIdle(),
    async send(operation, input, group = 'load', leave) {
      const { name, stream } = operation;
      const result = await requests.send(planFor(operation, input, group), (open) =>
        stream
          ? sendStream({ client, limits, startedAtMs }, operation, input, open, leave ?? null)
          : sendWhole(client, operation, input, open),
      );
      if (result.outcome !== 'ok') return result;
      if (operation.deletes !== null && input.id !== null) receipts.markDeleted(input.id);
      else if (result.acknowledged)
        receipts.add({ id: result.acknowledged, input, operation: name });
      return result;
    },
    async follow(operation, input, id, group = 'load') {
      const done = operation.promises?.done;
      if (!done) return;
      const work = {
        id: requests.nextId(),
        operation: operation.name,
        subject: input.title,
        group,
      };
      const startMs = monotonicMs();
      recorder.record({ kind: 'work', ...work });
      const outcome = await untilEnded(client, done, { ...input, id }, signal);
      const durationMs = Math.round(monotonicMs() - startMs);
      recorder.record({ kind: 'work-end', id: work.id, outcome, durationMs });
    },
  };
}

/** How a request for `input` is recorded, whoever sends it. */
export function planFor(operation: Operation, input: Input, group: string): RequestPlan {
  const { name, kind, limits, carriesText } = operation;
  // What carries a text of its own is about that text, whatever it belongs to.
  const subject = input.id === null || carriesText ? input.title : input.id;
  return { operation: name, operationKind: kind, subject, group, limits };
}

async function sendWhole(
  client: HttpClient,
  operation: Operation,
  input: Input,
  { signal }: OpenRequest,
): Promise<RequestOutcome> {
  const answer = await client.send(operation.request(input), signal);
  const { ok, detail, receipt } = operation.judge(answer, input);
  return {
    outcome: ok ? 'ok' : 'failed',
    status: answer.status,
    detail,
    acknowledged: ok ? (receipt ?? (operation.deletes === null ? null : input.id)) : null,
  };
}

async function untilEnded(
  client: HttpClient,
  done: NonNullable<NonNullable<Operation['promises']>['done']>,
  input: Input,
  signal: AbortSignal,
): Promise<'done' | 'failed' | 'gone' | 'unknown'> {
  while (!signal.aborted) {
    // The server may be down for a moment; who waits for work asks again.
    const answer = await client.send(done.request(input), signal).catch(() => null);
    const state = answer && stateIn(done, answer);
    if (state === 'done' || state === 'failed') return state;
    if (state === 'absent') return 'gone';
    await sleep(ASK_EVERY_MS, undefined, { signal }).catch(() => {});
  }
  return 'unknown';
}

/** A function of the config may not expect every answer that a server under a fault gives. */
function stateIn(
  done: NonNullable<NonNullable<Operation['promises']>['done']>,
  answer: HttpAnswer,
): WorkState['state'] | undefined {
  try {
    return done.read(answer)?.state;
  } catch {
    return undefined;
  }
}
