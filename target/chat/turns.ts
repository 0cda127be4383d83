/**
 * One turn of a conversation: the user's message and the model's answer. A turn ends with exactly one
 * event, done or error. An unfinished answer is an error, and an unfinished tool call is not executed.
 */
import type { FastifyBaseLogger } from 'fastify';
import { describeError } from '../http/errors.ts';
import type { Lane } from '../lanes.ts';
import type { ChatMessage, Model } from '../model/model.ts';
import type { Reply } from '../model/reply.ts';
import { Refusal } from '../refusal.ts';
import type { Scope } from '../scope.ts';
import { type Entry, type Message, newId, newMessage, SESSION_ID } from '../sessions/entries.ts';
import type { Order } from '../sessions/order.ts';
import { noSuchSession, type Sessions } from '../sessions/sessions.ts';
import { type History, toChatMessage } from './history.ts';
import { type PieceParts, piecesOf } from './pieces.ts';
import { checkSteps, STEPS_SCHEMA } from './steps.ts';
import type { ToolName, Tools } from './tools.ts';

export interface TurnRequest {
  /** Null creates a new session. */
  sessionId: string | null;
  message: string;
  /** `steps`: JSON with thoughts and an answer, streamed by the paths of its strings. */
  format: 'text' | 'steps';
  tools: readonly ToolName[];
}

/** Receives the events of a turn. Sending never waits. */
export interface TurnOutput {
  send(event: string, data: object): void;
}

export interface Turns {
  /** Resolves when the turns before it in its session have ended. @throws Refusal 404 */
  begin(request: TurnRequest, scope: Scope): Promise<Turn>;
}

export interface Turn extends Disposable {
  readonly sessionId: string;
  /** Never rejects: the last event reports how the turn ended. */
  run(output: TurnOutput): Promise<void>;
}

export interface TurnParts extends PieceParts {
  sessions: Sessions;
  order: Order;
  history: History;
  model: Model;
  lane: Lane;
  tools: Tools;
  toolRounds: number;
  log: FastifyBaseLogger;
}

const TITLE_CHARACTERS = 80;

export function turnsOf(parts: TurnParts): Turns {
  const { sessions, order } = parts;
  return {
    async begin(request, scope) {
      const { sessionId, message } = request;
      const id = sessionId ?? (await sessions.create(message.slice(0, TITLE_CHARACTERS), []));
      if (!SESSION_ID.test(id)) throw noSuchSession(id);
      using held = new DisposableStack();
      held.use(await order.enter(id, scope.signal));
      const session = await sessions.read(id);
      if (session === null) throw noSuchSession(id);
      parts.stats.begin(id, session.stats);
      held.defer(() => parts.stats.end(id));
      const kept = held.move();
      return {
        sessionId: id,
        run: (output) => run({ ...request, sessionId: id }, output, parts, scope),
        [Symbol.dispose]: () => kept.dispose(),
      };
    },
  };
}

async function run(
  request: TurnRequest & { sessionId: string },
  output: TurnOutput,
  parts: TurnParts,
  scope: Scope,
): Promise<void> {
  const { sessionId } = request;
  const { broadcast, history, sessions, log } = parts;
  const turnId = newId('t');
  output.send('session', { sessionId, turnId });
  try {
    await broadcast.emit({ type: 'turn', sessionId, turnId, state: 'started' });
    const answer = await answerOf(request, turnId, output, parts, scope);
    await broadcast.emit({ type: 'turn', sessionId, turnId, state: 'done' });
    output.send('done', { messageId: answer.id });
  } catch (failure) {
    const { code, message } = describeError(failure);
    const state = scope.signal.aborted ? 'cancelled' : 'failed';
    log.warn({ event: 'turn-failed', sessionId, state, code, reason: String(failure) });
    output.send('error', { code, message });
    await broadcast.emit({ type: 'turn', sessionId, turnId, state, error: { code, message } });
    const at = new Date().toISOString();
    await sessions.append(sessionId, [{ type: 'turn-failed', code, at }]).catch(() => {});
  }
  await history.grown(sessionId).catch((err) => log.error({ event: 'history-failed', err }));
}

/** Resolves with the model's final message once it is stored. */
async function answerOf(
  request: TurnRequest & { sessionId: string },
  turnId: string,
  output: TurnOutput,
  parts: TurnParts,
  scope: Scope,
): Promise<Message> {
  const { sessionId, format } = request;
  const { sessions, model, tools, stats } = parts;
  const store = async (...entries: Entry[]) => {
    if (await sessions.append(sessionId, entries)) return;
    throw new Refusal(409, 'session-gone', 'the session was deleted during the turn');
  };

  const earlier = await parts.history.of(sessionId, scope);
  const question = newMessage('user', request.message);
  await store(question);
  stats.message(sessionId);
  stats.piece(sessionId, question.text);
  const { id: messageId, text } = question;
  await parts.broadcast.emit({ type: 'message', sessionId, messageId, role: 'user', text });

  const messages: ChatMessage[] = [...earlier, toChatMessage(question)];
  for (let round = 1; ; round++) {
    const pieces = piecesOf({ sessionId, turnId }, format === 'steps', output, parts);
    const reply = await model.reply(
      {
        sessionId,
        messages,
        tools: tools.definitions(request.tools),
        schema: format === 'steps' ? STEPS_SCHEMA : null,
        ...pieces,
      },
      { lane: parts.lane, scope },
    );
    scope.signal.throwIfAborted();
    if (format === 'steps' && reply.calls.length === 0) checkSteps(reply.text);
    const answer = messageOf(reply);
    await store(answer);
    stats.message(sessionId);
    if (reply.calls.length === 0) return answer;
    if (round >= parts.toolRounds) {
      throw new Refusal(502, 'too-many-rounds', `the model asked for tools ${round} times`);
    }
    messages.push(toChatMessage(answer));
    for (const call of reply.calls) {
      const text = await tools.run(call, request.tools, sessionId, scope);
      const result = newMessage('tool', text, { callId: call.id });
      await store(result);
      stats.message(sessionId);
      stats.piece(sessionId, result.text);
      output.send('tool', { name: call.name, result: result.text });
      messages.push(toChatMessage(result));
    }
  }
}

function messageOf({ text, calls }: Reply): Message {
  return newMessage('assistant', text, calls.length > 0 ? { calls } : {});
}
