/**
 * At the end a client would look for its work: by asking for its state, and by looking for what is in it. What
 * it finds, and what it could not ask, goes into the history; the checks judge it.
 */

import type { Environment } from '../environment/environment.ts';
import type { EventOf } from '../history/events.ts';
import { messageOf } from '../platform/errors.ts';
import { pause } from '../platform/wait.ts';
import type { Receipt } from '../requests/receipts.ts';
import { type HttpClient, httpClient } from '../target/operations/http.ts';
import type { HttpAnswer } from '../target/operations/http-message.ts';
import type { Promises } from '../target/operations/operation.ts';

const AT_ONCE = 8;
/** A deletion that is under way has been acknowledged by then. */
const DELETING_MS = 1_000;

type Seen = Pick<EventOf<'audit'>, 'asked' | 'detail' | 'state' | 'copies' | 'heldMs'>;

export async function audit(environment: Environment, stop: AbortSignal): Promise<void> {
  const { receipts, recorder, target, operations, declared } = environment;
  // Straight to the target, and over connections that are gone before descriptors are counted.
  await using client = httpClient(`http://${target.host}:${target.port}`);
  const waiting = [...receipts.all()];
  const one = async (): Promise<void> => {
    for (let next = waiting.shift(); next && !stop.aborted; next = waiting.shift()) {
      const promises = operations.named(next.operation)?.promises;
      if (!promises) continue;
      const signal = AbortSignal.any([stop, AbortSignal.timeout(declared.limits.requestMs * 2)]);
      const askedT = Math.round(recorder.elapsedMs());
      const { id, input } = next;
      let seen = await look(client, next, promises, signal);
      if (isGone(seen) && !receipts.isDeleted(id)) {
        // A load may be about to delete it: what it has begun it brings to its end.
        await pause(DELETING_MS, stop);
        seen = await look(client, next, promises, signal);
      }
      if (stop.aborted) return;
      const expected = receipts.isDeleted(id) ? 'absent' : 'done';
      recorder.record({ kind: 'audit', subject: input.title, id, expected, ...seen, askedT });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
}

function isGone({ asked, state, copies }: Seen): boolean {
  return asked === 'answered' && (state === 'absent' || copies === 0);
}

async function look(
  client: HttpClient,
  { id, input: made }: Receipt,
  { done, find }: Promises,
  signal: AbortSignal,
): Promise<Seen> {
  const input = { ...made, id };
  try {
    const state = done ? done.read(await asked(client, done.request(input), signal)) : undefined;
    if (state === null) throw new Error('the answer does not say what became of it');
    const found = find ? await asked(client, find.request(input), signal) : null;
    const copies = found && find ? find.copies(found, input) : null;
    if (find && copies === null) throw new Error(`looking for it: status ${found?.status}`);
    return {
      asked: 'answered',
      detail: null,
      state: state?.state ?? 'unknown',
      copies,
      heldMs: state?.heldMs ?? null,
    };
  } catch (error) {
    const detail = messageOf(error);
    return { asked: 'no-answer', detail, state: 'unknown', copies: null, heldMs: null };
  }
}

/** @throws when there is no answer, or one that says nothing: the server is not able to tell. */
async function asked(
  client: HttpClient,
  request: Parameters<HttpClient['send']>[0],
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const answer = await client.send(request, signal);
  if (answer.status < 500) return answer;
  throw new Error(`${request.method} ${request.path}: status ${answer.status}`);
}
