/** The work of tasks: have the model summarise a session, or search a session for a pattern. */
import { summaryPrompt } from '../chat/compression.ts';
import type { Lane } from '../lanes.ts';
import type { Model } from '../model/model.ts';
import type { Scope } from '../scope.ts';
import { noSuchSession, type Sessions } from '../sessions/sessions.ts';
import type { Workers } from '../workers/workers.ts';
import type { TaskInput, TaskKind } from './task.ts';

export type Handlers = Record<TaskKind, (input: TaskInput, scope: Scope) => Promise<unknown>>;

export interface HandlerParts {
  sessions: Sessions;
  model: Model;
  lane: Lane;
  workers: Workers;
}

export function handlersOf({ sessions, model, lane, workers }: HandlerParts): Handlers {
  const read = async (id: string) => {
    const session = await sessions.read(id);
    if (session === null) throw noSuchSession(id);
    return session;
  };
  return {
    async summarize({ sessionId }, scope) {
      const session = await read(sessionId);
      const messages = summaryPrompt(session, session.messages.length);
      const listener = { text() {}, argument() {} };
      const request = { sessionId, messages, tools: [], schema: null, listener };
      const { text } = await model.reply(request, { lane, scope });
      return { summary: text };
    },
    // A pattern may take for ever, and only the end of its thread stops it.
    async find({ sessionId, pattern = '' }, { signal }) {
      const { messages } = await read(sessionId);
      const texts = messages.map(({ text }) => text);
      return { found: await workers.run({ sessionId, texts, pattern }, signal) };
    },
  };
}
