/**
 * The listing of all sessions. A file is read once, and then only what it has grown by: size, time
 * and inode tell. Listings that are asked for at the same time are one, and few files are open at once.
 */

import { sharedRun } from '../shared-run.ts';
import { parseLine } from './entries.ts';
import { type Fold, type Followed, follow } from './follow.ts';
import type { SessionFiles } from './session-files.ts';
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

/** All sessions, the one that changed last first. */
export type Summaries = () => Promise<Summary[]>;

/** Files open at the same time: as many as libuv has threads for them. */
const AT_ONCE = 4;

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
    const found = new Map<string, Followed<Counted>>();
    const ids = (await files.ids()).values();
    const lookAtSome = async () => {
      for (const id of ids) {
        const stamp = await files.stamp(id);
        if (stamp === null) continue;
        const before = known.get(id);
        // What fails half-way is counted anew the next time.
        known.delete(id);
        found.set(id, await follow(files, id, stamp, countLines, before));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lookAtSome));
    // Of deleted sessions nothing is kept.
    known = found;
    return [...found].map(([id, followed]) => summaryOf(id, followed)).sort(byTime);
  });
}

export function summaryOf(id: string, { value, stamp }: Followed<Counted>): Summary {
  const { title, createdAt, messages, characters, tokens } = value;
  const updatedAt = new Date(stamp.mtimeMs).toISOString();
  return { id, title, messages, characters, tokens, bytes: stamp.bytes, createdAt, updatedAt };
}

export function byTime(one: Summary, other: Summary): number {
  return other.updatedAt.localeCompare(one.updatedAt) || one.id.localeCompare(other.id);
}
