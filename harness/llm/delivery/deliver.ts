/** Sending an answer as a behaviour wants it: when, how fast, how far, and how it ends. */
import type { ModelEnding } from '../../history/events.ts';
import type { Answer } from '../answers/answer.ts';
import type { Behaviour } from '../rules/behaviour.ts';
import { type Pace, type Sending, sendPieces } from './pace.ts';
import { actsAtPlace, lengthOf, type Plan, planOf } from './plan.ts';
import { resetConnection } from './reset.ts';
import { type ResponseStream, write, writeHead } from './response-stream.ts';

/**
 * Sends `answer` and resolves with its ending once the kernel has all that is to be sent.
 * Rejects when the stream's signal aborts, or its socket fails.
 */
export async function deliver(
  stream: ResponseStream,
  answer: Answer,
  behaviour: Partial<Behaviour>,
  pace: Pace,
  requestedMs: number,
): Promise<ModelEnding> {
  const tokensPerSecond = behaviour.tokensPerSecond ?? pace.tokensPerSecond;
  const sending: Sending = {
    stream,
    // A pace that a rule asks for replaces that of a recording.
    answer: behaviour.tokensPerSecond === undefined ? answer : withoutTimes(answer),
    tokensPerSecond,
    dripEveryMs: behaviour.dripEveryMs,
    requestedMs,
  };
  const plan = planOf(answer, behaviour);
  if (behaviour.name !== undefined && !actsAtPlace(behaviour)) stream.onEffect();

  await stream.wait(firstByteMs(answer, behaviour, pace, tokensPerSecond));
  if (behaviour.holdHeaders) {
    fallSilent(stream);
    await stream.gate.wait(Number.POSITIVE_INFINITY, stream.signal);
  }
  if (behaviour.hangUp !== undefined) return hangUp(stream, behaviour.hangUp);
  writeHead(stream, answer, behaviour, bodyLength(answer, behaviour, plan));
  const end = plan.cut ?? answer.pieces.length;
  await sendSpoiled(sending, plan, end);
  return plan.cut === null ? finish(stream, answer) : endAtCut(sending, behaviour, plan.cut);
}

function withoutTimes({ dueMs: _, ...answer }: Answer): Answer {
  return answer;
}

function firstByteMs(
  answer: Answer,
  behaviour: Partial<Behaviour>,
  pace: Pace,
  tokensPerSecond: number,
): number {
  if (answer.dueMs && behaviour.ttftMs === undefined) return answer.dueMs[0] ?? 0;
  const generatingMs = answer.streamed ? 0 : (answer.completionTokens * 1000) / tokensPerSecond;
  return (behaviour.ttftMs ?? pace.ttftMs) + generatingMs;
}

/** Null for what goes out in chunks: a stream, and a body among whose bytes there are signs of life. */
function bodyLength(answer: Answer, behaviour: Partial<Behaviour>, { cut }: Plan): number | null {
  if (answer.streamed || behaviour.heartbeatEveryMs !== undefined) return null;
  const isCutWell = behaviour.endAfterTokens !== undefined && cut !== null;
  return lengthOf(answer.pieces, isCutWell ? cut : answer.pieces.length);
}

async function sendSpoiled(sending: Sending, { broken }: Plan, end: number): Promise<void> {
  const { stream, answer } = sending;
  if (broken === null || broken > end) return sendPieces(sending, 0, end);
  await sendPieces(sending, 0, broken);
  stream.onEffect();
  await write(stream, answer.interjections.brokenEvent ?? '');
  await sendPieces(sending, broken, end);
}

async function endAtCut(
  sending: Sending,
  behaviour: Partial<Behaviour>,
  cut: number,
): Promise<ModelEnding> {
  const { stream, answer } = sending;
  if (behaviour.finAfterTokens !== undefined) return hangUp(stream, 'fin');
  if (behaviour.resetAfterTokens !== undefined) return hangUp(stream, 'reset');
  if (behaviour.endAfterTokens !== undefined) {
    stream.onEffect();
    return endMessage(stream, 'truncated');
  }
  if (behaviour.errorAfterTokens !== undefined) {
    stream.onEffect();
    await write(stream, answer.interjections.error?.(errorOf(behaviour)) ?? '');
    return endMessage(stream, 'error-status');
  }
  fallSilent(stream);
  const beat = answer.interjections[behaviour.heartbeat ?? 'comment'];
  const everyMs = behaviour.heartbeatEveryMs ?? Number.POSITIVE_INFINITY;
  while (!(await stream.gate.wait(everyMs, stream.signal))) await write(stream, beat);
  await sendPieces({ ...sending, dripEveryMs: undefined }, cut, answer.pieces.length);
  return finish(stream, answer);
}

/** What a rule says of an error that it orders. */
export function errorOf({ name, errorMessage, errorCode, errorType }: Partial<Behaviour>) {
  return {
    message: errorMessage ?? `Scripted failure: ${name}.`,
    ...(errorCode === undefined ? {} : { code: errorCode }),
    ...(errorType === undefined ? {} : { type: errorType }),
  };
}

function hangUp(stream: ResponseStream, how: 'fin' | 'reset'): ModelEnding {
  stream.onEffect();
  stream.onEnding(how);
  if (how === 'fin') stream.socket.end();
  else resetConnection(stream.socket);
  return how;
}

function fallSilent(stream: ResponseStream): void {
  stream.onEffect();
  stream.onSilent();
}

function finish(stream: ResponseStream, answer: Answer): Promise<ModelEnding> {
  if (!answer.streamed) stream.onTokens(answer.completionTokens);
  return endMessage(stream, answer.status >= 400 ? 'error-status' : 'complete');
}

function endMessage(stream: ResponseStream, ending: ModelEnding): Promise<ModelEnding> {
  stream.onEnding(ending);
  return new Promise((resolve) => {
    stream.response.end(() => resolve(ending));
  });
}
