/** The sessions. Entries are on disk before they are acknowledged. */
import { Refusal } from '../refusal.ts';
import type { Contents, ReadSession } from './contents.ts';
import { type Entry, type Message, newId, SESSION_ID } from './entries.ts';
import type { SessionFiles } from './session-files.ts';
import type { Summaries, Summary } from './summaries.ts';

export interface Sessions {
  /** The new session's id. */
  create(title: string, messages: readonly Message[]): Promise<string>;
  /** Null when there is no such session. */
  read(id: string): Promise<Contents | null>;
  list(): Promise<Summary[]>;
  /** Resolves when `entries` are on disk; false when there is no such session. */
  append(id: string, entries: readonly Entry[]): Promise<boolean>;
  remove(id: string): Promise<boolean>;
}

export interface SessionParts {
  files: SessionFiles;
  read: ReadSession;
  summaries: Summaries;
}

export function sessionsOf({ files, read, summaries }: SessionParts): Sessions {
  const known = (id: string) => SESSION_ID.test(id);
  return {
    async create(title, messages) {
      const id = newId('s');
      await files.create(id, [
        { type: 'session', id, title, at: new Date().toISOString() },
        ...messages,
      ]);
      return id;
    },
    read: async (id) => (known(id) ? read(id) : null),
    list: summaries,
    append: async (id, entries) => known(id) && (await files.append(id, entries)),
    remove: async (id) => known(id) && (await files.remove(id)),
  };
}

export const noSuchSession = (id: string): Refusal =>
  new Refusal(404, 'no-such-session', `there is no session ${JSON.stringify(id)}`);
