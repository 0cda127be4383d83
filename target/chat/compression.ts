/**
 * Long histories are summarised by the model after a turn, in the background. Waiting for a summary is
 * limited; at the limit the model call is cancelled.
 */
import type { FastifyBaseLogger } from 'fastify';
import { messageOf } from '../../harness/platform/errors.ts';
import type { Lane } from '../lanes.ts';
import type { ChatMessage, Model } from '../model/model.ts';
import { type OwnedScope, openScope, pause, type Scope } from '../scope.ts';
import type { Contents } from '../sessions/contents.ts';
import type { Sessions } from '../sessions/sessions.ts';

export interface Compression {
  /** Summarises the session as it is now, unless a summary is in progress. */
  start(session: Contents): void;
  /** Resolves when no summary of the session is in progress any more, successful or not. */
  settled(sessionId: string, scope: Scope): Promise<void>;
  stop(): void;
}

export interface CompressionParts {
  model: Model;
  lane: Lane;
  sessions: Sessions;
  log: FastifyBaseLogger;
  /** How long `settled` waits before it cancels the call. */
  waitMs: number;
}

/** The latest messages, which are never summarised. */
export const KEPT_MESSAGES = 4;

export function boundedCompression(parts: CompressionParts): Compression {
  const running = new Map<string, { scope: OwnedScope; done: Promise<void> }>();
  return {
    start(session) {
      const { id } = session;
      if (running.has(id)) return;
      const scope = openScope(Number.POSITIVE_INFINITY, () => new Error('never'));
      const done = summarise(session, parts, scope)
        .catch((error) => {
          parts.log.warn({ event: 'not-compressed', session: id, reason: messageOf(error) });
        })
        .finally(() => running.delete(id));
      running.set(id, { scope, done });
    },
    async settled(sessionId, { signal }) {
      const own = running.get(sessionId);
      if (!own) return;
      signal.throwIfAborted();
      const enough = new AbortController();
      const limit = pause(parts.waitMs, AbortSignal.any([signal, enough.signal])).catch(() => {});
      await Promise.race([own.done, limit]);
      enough.abort();
      own.scope.end(new Error('the turn no longer waits for this summary'));
      signal.throwIfAborted();
    },
    stop() {
      for (const { scope } of running.values()) scope.end(new Error('the server is shutting down'));
    },
  };
}

/** Has the model summarise the session, and stores the summary in it. */
export async function summarise(
  session: Contents,
  { model, lane, sessions }: Pick<CompressionParts, 'model' | 'lane' | 'sessions'>,
  scope: Scope,
): Promise<void> {
  const upTo = session.messages.length - KEPT_MESSAGES;
  if (upTo <= (session.summary?.upTo ?? 0)) return;
  const messages = summaryPrompt(session, upTo);
  const listener = { text() {}, argument() {} };
  const request = { sessionId: session.id, messages, tools: [], schema: null, listener };
  const { text } = await model.reply(request, { lane, scope });
  scope.signal.throwIfAborted();
  await sessions.append(session.id, [
    { type: 'summary', upTo, text, at: new Date().toISOString() },
  ]);
}

/** Most characters that one summary is made of: the latest ones. */
const SHOWN_CHARACTERS = 32_000;

export function summaryPrompt(session: Contents, upTo: number): ChatMessage[] {
  const lines: string[] = [];
  let characters = 0;
  for (let at = upTo - 1; at >= (session.summary?.upTo ?? 0); at--) {
    const message = session.messages[at];
    if (!message || characters > SHOWN_CHARACTERS) break;
    const line = `${message.role}: ${message.text.slice(0, SHOWN_CHARACTERS)}`;
    characters += line.length;
    lines.push(line);
  }
  const before = session.summary ? [`Summary so far: ${session.summary.text}`] : [];
  return [
    { role: 'system', content: 'Summarise the conversation in a few sentences.' },
    { role: 'user', content: [...before, ...lines.reverse()].join('\n') },
  ];
}
