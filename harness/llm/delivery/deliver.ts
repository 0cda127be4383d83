/** Sending an answer as a behaviour wants it: when, how fast, how far, and how it ends. */
import type { ModelEnding } from '../../history/history.ts';
import type { Answer } from '../answers/answer.ts';
import type { Behaviour } from '../rules/behaviour.ts';
import { type Pace, type Sending, sendPieces } from './pace.ts';
import { actsAtPlace, lengthOf, type Plan, planOf } from './plan.ts';
import { resetConnection } from './reset.ts';
import { type Wire, write, writeHead } from './wire.ts';

/**
 * Sends `answer` and resolves with its ending once the kernel has all that is to be sent.
 * Rejects when the wire's signal aborts, or its socket fails.
 */
export async function deliver(
  wire: Wire,
  answer: Answer,
  behaviour: Partial<Behaviour>,
  pace: Pace,
  requestedMs: number,
): Promise<ModelEnding> {
  const tokensPerSecond = behaviour.tokensPerSecond ?? pace.tokensPerSecond;
  const sending: Sending = {
    wire,
    // A pace that a rule asks for replaces that of a recording.
    answer: behaviour.tokensPerSecond === undefined ? answer : withoutTimes(answer),
    tokensPerSecond,
    dripEveryMs: behaviour.dripEveryMs,
    requestedMs,
  };
  const plan = planOf(answer, behaviour);
  if (behaviour.name !== undefined && !actsAtPlace(behaviour)) wire.onEffect();

  await wire.wait(firstByteMs(answer, behaviour, pace, tokensPerSecond));
  if (behaviour.holdHeaders) {
    fallSilent(wire);
    await wire.gate.wait(Number.POSITIVE_INFINITY, wire.signal);
  }
  if (behaviour.hangUp !== undefined) return hangUp(wire, behaviour.hangUp);
  writeHead(wire, answer, behaviour, bodyLength(answer, behaviour, plan));
  const end = plan.cut ?? answer.pieces.length;
  await sendSpoiled(sending, plan, end);
  return plan.cut === null ? finish(wire, answer) : endAtCut(sending, behaviour, plan.cut);
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
  const { wire, answer } = sending;
  if (broken === null || broken > end) return sendPieces(sending, 0, end);
  await sendPieces(sending, 0, broken);
  wire.onEffect();
  await write(wire, answer.interjections.brokenEvent ?? '');
  await sendPieces(sending, broken, end);
}

async function endAtCut(
  sending: Sending,
  behaviour: Partial<Behaviour>,
  cut: number,
): Promise<ModelEnding> {
  const { wire, answer } = sending;
  if (behaviour.finAfterTokens !== undefined) return hangUp(wire, 'fin');
  if (behaviour.resetAfterTokens !== undefined) return hangUp(wire, 'reset');
  if (behaviour.endAfterTokens !== undefined) {
    wire.onEffect();
    return endMessage(wire, 'truncated');
  }
  if (behaviour.errorAfterTokens !== undefined) {
    wire.onEffect();
    await write(wire, answer.interjections.error?.(errorOf(behaviour)) ?? '');
    return endMessage(wire, 'error-status');
  }
  fallSilent(wire);
  const beat = answer.interjections[behaviour.heartbeat ?? 'comment'];
  const everyMs = behaviour.heartbeatEveryMs ?? Number.POSITIVE_INFINITY;
  while (!(await wire.gate.wait(everyMs, wire.signal))) await write(wire, beat);
  await sendPieces({ ...sending, dripEveryMs: undefined }, cut, answer.pieces.length);
  return finish(wire, answer);
}

/** What a rule says of an error that it orders. */
export function errorOf({ name, errorMessage, errorCode, errorType }: Partial<Behaviour>) {
  return {
    message: errorMessage ?? `Scripted failure: ${name}.`,
    ...(errorCode === undefined ? {} : { code: errorCode }),
    ...(errorType === undefined ? {} : { type: errorType }),
  };
}

function hangUp(wire: Wire, how: 'fin' | 'reset'): ModelEnding {
  wire.onEffect();
  wire.onEnding(how);
  if (how === 'fin') wire.socket.end();
  else resetConnection(wire.socket);
  return how;
}

function fallSilent(wire: Wire): void {
  wire.onEffect();
  wire.onSilent();
}

function finish(wire: Wire, answer: Answer): Promise<ModelEnding> {
  if (!answer.streamed) wire.onTokens(answer.completionTokens);
  return endMessage(wire, answer.status >= 400 ? 'error-status' : 'complete');
}

function endMessage(wire: Wire, ending: ModelEnding): Promise<ModelEnding> {
  wire.onEnding(ending);
  return new Promise((resolve) => {
    wire.response.end(() => resolve(ending));
  });
}
