/**
 * The listing of all sessions. A file is read once, and after that only what was appended, as its size,
 * time and inode show. Concurrent listings share one run, and few files are open at once.
 */

import { sharedRun } from '../shared-run.ts';
import { parseLine } from './entries.ts';
import { type Fold, type Followed, follow } from './follow.ts';
import type { SessionFiles, Stamp } from './session-files.ts';
import { countMessage, noStats, type Stats } from './stats.ts';

export interface Summary extends Stats {
  id: string;
  title: string;
  /** Of the file. */
  bytes: number;
  /** ISO 8601. */
  createdAt: string;
  updatedAt: string;
}

/** All sessions, last changed first. */
export type Summaries = () => Promise<Summary[]>;

/** Files read at the same time: the number of libuv's threads. */
const READ_AT_ONCE = 4;
/** Files whose size and time are read at once. It opens none; four at a time took three times as long. */
const LOOKED_AT_ONCE = 64;

interface Counted extends Stats {
  title: string;
  createdAt: string;
}

export const countLines: Fold<Counted> = {
  empty: () => ({ ...noStats(), title: '', createdAt: '' }),
  add(counted, line) {
    const entry = parseLine(line);
    if (entry?.type === 'message') countMessage(counted, entry);
    if (entry?.type === 'session') {
      counted.title = entry.title;
      counted.createdAt = entry.at;
    }
  },
};

export function cachedSummaries(files: SessionFiles): Summaries {
  let known = new Map<string, Followed<Counted>>();
  return sharedRun(async () => {
    const stamps = await stampsOf(files);
    const found = new Map<string, Followed<Counted>>();
    const rest = stamps.entries();
    const readSome = async () => {
      for (const [id, stamp] of rest) {
        const before = known.get(id);
        // If this fails half-way, the next listing starts over.
        known.delete(id);
        const followed = await follow(files, id, stamp, countLines, before);
        if (followed) found.set(id, followed);
      }
    };
    await Promise.all(Array.from({ length: READ_AT_ONCE }, readSome));
    // Deleted sessions are forgotten.
    known = found;
    return [...found].map(([id, followed]) => summaryOf(id, followed)).sort(byTime);
  });
}

async function stampsOf(files: SessionFiles): Promise<Map<string, Stamp>> {
  const ids = await files.ids();
  const stamps = new Map<string, Stamp>();
  for (let from = 0; from < ids.length; from += LOOKED_AT_ONCE) {
    const some = ids.slice(from, from + LOOKED_AT_ONCE);
    const found = await Promise.all(some.map((id) => files.stamp(id)));
    for (const [i, stamp] of found.entries()) if (stamp) stamps.set(some[i] as string, stamp);
  }
  return stamps;
}

export function summaryOf(id: string, { value, stamp }: Followed<Counted>): Summary {
  const { title, createdAt, messages, characters, tokens } = value;
  const updatedAt = new Date(stamp.mtimeMs).toISOString();
  return { id, title, messages, characters, tokens, bytes: stamp.bytes, createdAt, updatedAt };
}

/** ISO times sort like text. */
export function byTime(one: Summary, other: Summary): number {
  return compare(other.updatedAt, one.updatedAt) || compare(one.id, other.id);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
