/**
 * Complete sessions, cached in memory within a limit. A file is read once, and after that only what was
 * appended. Concurrent reads of a session share one run.
 */

import { sharedRun } from '../shared-run.ts';
import { type Entry, type Message, parseLine } from './entries.ts';
import { type Fold, type Followed, follow } from './follow.ts';
import type { SessionFiles } from './session-files.ts';
import { countMessage, noStats, type Stats } from './stats.ts';

export interface Contents {
  readonly id: string;
  readonly title: string;
  readonly createdAt: string;
  readonly messages: readonly Message[];
  readonly notes: readonly { title: string; text: string; at: string }[];
  /** The latest summary; null when there is none. */
  readonly summary: { upTo: number; text: string } | null;
  readonly stats: Readonly<Stats>;
}

/** Null when there is no such session. */
export type ReadSession = (id: string) => Promise<Contents | null>;

/** Total file size of the cached sessions. */
const KEPT_BYTES = 16_777_216;

interface Growing extends Contents {
  title: string;
  createdAt: string;
  messages: Message[];
  notes: { title: string; text: string; at: string }[];
  summary: { upTo: number; text: string } | null;
  stats: Stats;
}

export function cachedContents(files: SessionFiles): ReadSession {
  // A map keeps insertion order: its first entry is the least recently used.
  const kept = new Map<string, Followed<Growing>>();
  const reading = new Map<string, { read: () => Promise<Contents | null>; readers: number }>();
  let keptBytes = 0;

  const forget = (id: string) => {
    keptBytes -= kept.get(id)?.stamp.bytes ?? 0;
    kept.delete(id);
  };

  const readNow = async (id: string): Promise<Contents | null> => {
    const before = kept.get(id);
    forget(id);
    const stamp = await files.stamp(id);
    if (stamp === null) return null;
    const followed = await follow(files, id, stamp, entriesOf(id), before);
    if (followed === null) return null;
    kept.set(id, followed);
    keptBytes += followed.stamp.bytes;
    for (const oldest of kept.keys()) {
      if (keptBytes <= KEPT_BYTES || oldest === id) break;
      forget(oldest);
    }
    return snapshotOf(followed.value);
  };

  return async (id) => {
    const shared = reading.get(id) ?? { read: sharedRun(() => readNow(id)), readers: 0 };
    reading.set(id, shared);
    shared.readers++;
    try {
      return await shared.read();
    } finally {
      shared.readers--;
      if (shared.readers === 0) reading.delete(id);
    }
  };
}

/** The cached session grows later; the caller gets its present state. */
function snapshotOf(session: Growing): Contents {
  const { messages, notes, stats } = session;
  return { ...session, messages: [...messages], notes: [...notes], stats: { ...stats } };
}

function entriesOf(id: string): Fold<Growing> {
  return {
    empty: () => ({
      id,
      title: '',
      createdAt: '',
      messages: [],
      notes: [],
      summary: null,
      stats: noStats(),
    }),
    add(session, line) {
      const entry = parseLine(line);
      if (entry) add(session, entry);
    },
  };
}

function add(session: Growing, entry: Entry): void {
  if (entry.type === 'session') {
    session.title = entry.title;
    session.createdAt = entry.at;
  } else if (entry.type === 'message') {
    session.messages.push(entry);
    countMessage(session.stats, entry);
  } else if (entry.type === 'summary') {
    session.summary = { upTo: entry.upTo, text: entry.text };
  } else if (entry.type === 'note') {
    session.notes.push({ title: entry.title, text: entry.text, at: entry.at });
  }
}
