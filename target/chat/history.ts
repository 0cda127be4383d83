/** What the model gets to see of a session: a summary of its beginning, and its latest messages. */
import type { ChatMessage } from '../model/model.ts';
import type { Scope } from '../scope.ts';
import type { Contents } from '../sessions/contents.ts';
import type { Message } from '../sessions/entries.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { quarterOfCharacters } from '../uploads/token-estimate.ts';
import type { Compression } from './compression.ts';

export interface History {
  /** The messages for the next turn. Waits, within a limit, for a summary in progress. */
  of(sessionId: string, scope: Scope): Promise<ChatMessage[]>;
  /** To be called after each turn: starts a summary when the session has become too long. */
  grown(sessionId: string): Promise<void>;
}

export interface HistoryParts {
  sessions: Sessions;
  compression: Compression;
  /** Most tokens of history that are sent to the model. */
  tokens: number;
}

const INSTRUCTIONS = 'Answer the user. Use a tool where one helps.';

export function historyOf({ sessions, compression, tokens }: HistoryParts): History {
  return {
    async of(sessionId, scope) {
      await compression.settled(sessionId, scope);
      const session = await sessions.read(sessionId);
      return session ? promptOf(session, tokens) : [];
    },
    async grown(sessionId) {
      const session = await sessions.read(sessionId);
      if (session && tokensOf(session.messages.slice(session.summary?.upTo ?? 0)) > tokens) {
        compression.start(session);
      }
    },
  };
}

function promptOf(session: Contents, tokens: number): ChatMessage[] {
  const { summary, messages } = session;
  const latest = messages.slice(firstThatFits(messages, summary?.upTo ?? 0, tokens));
  const before: ChatMessage[] = summary
    ? [{ role: 'system', content: `Summary of the earlier conversation: ${summary.text}` }]
    : [];
  return [{ role: 'system', content: INSTRUCTIONS }, ...before, ...latest.map(toChatMessage)];
}

/** The first index from which all messages fit. A tool result is never kept without its call. */
function firstThatFits(messages: readonly Message[], from: number, tokens: number): number {
  let left = tokens;
  let at = messages.length;
  while (at > from && left > 0) {
    at--;
    left -= quarterOfCharacters(messages[at]?.text ?? '');
  }
  if (left < 0 && at < messages.length - 1) at++;
  while (messages[at]?.role === 'tool') at++;
  return at;
}

function tokensOf(messages: readonly Message[]): number {
  return messages.reduce((sum, { text }) => sum + quarterOfCharacters(text), 0);
}

export function toChatMessage({ role, text, calls, callId }: Message): ChatMessage {
  return {
    role,
    content: text,
    ...(calls
      ? {
          tool_calls: calls.map((call) => ({
            id: call.id,
            type: 'function' as const,
            function: { name: call.name, arguments: call.arguments },
          })),
        }
      : {}),
    ...(callId ? { tool_call_id: callId } : {}),
  };
}
