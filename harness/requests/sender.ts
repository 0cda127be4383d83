/** Sends a target's operations over the front link, and remembers what the target acknowledged. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Recorder } from '../history/recorder.ts';
import { monotonicMs } from '../platform/clock.ts';
import type { HttpAnswer, HttpClient } from '../target/operations/http.ts';
import type { Input } from '../target/operations/input.ts';
import type { Operation, WorkState } from '../target/operations/operation.ts';
import { readStream } from '../target/operations/stream.ts';
import type { Receipts } from './receipts.ts';
import type { OpenRequest, RequestOutcome, RequestResult, Requests } from './requests.ts';

/** A client that waits for its work asks as often as this. */
const ASK_EVERY_MS = 100;

export interface Sender {
  /** Sends one request and records it. What a write acknowledged is kept for the audit. */
  send(operation: Operation, input: Input, group?: string): Promise<RequestResult>;
  /** Follows acknowledged work until it is done, failed or gone, by asking for its state now and then. */
  follow(operation: Operation, input: Input, id: string, group?: string): Promise<void>;
}

export interface SenderOptions {
  client: HttpClient;
  requests: Requests;
  receipts: Receipts;
  recorder: Recorder;
  /** Aborts when the run is over. */
  signal: AbortSignal;
}

export function operationSender(options: SenderOptions): Sender {
  const { client, requests, receipts, recorder, signal } = options;
  return {
    async send(operation, input, group = 'load') {
      const { name, kind, stream } = operation;
      const subject = input.id === null ? input.title : input.id;
      const plan = { operation: name, operationKind: kind, subject, group };
      const result = await requests.send(plan, (open) =>
        stream
          ? sendStream(client, operation, input, open)
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

async function sendStream(
  client: HttpClient,
  operation: Operation,
  input: Input,
  open: OpenRequest,
): Promise<RequestOutcome> {
  const answer = await client.open(operation.request(input), open.signal);
  const isGood = answer.status >= 200 && answer.status < 300;
  if (!isGood || operation.stream === null) {
    const { status, headers } = answer;
    const whole = { status, headers, text: await answer.body.text() };
    return { outcome: 'failed', status, detail: operation.judge(whole, input).detail };
  }
  const { ended, stream } = await readStream(answer.body, operation.stream, open.progress);
  const detail = {
    right: null,
    failed: 'the server said in its stream that it failed',
    cut: 'the stream ended without its right end',
  }[ended];
  return { outcome: ended === 'right' ? 'ok' : 'failed', status: answer.status, detail, stream };
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
