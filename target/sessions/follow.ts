/** Keeps a value computed from an append-only file up to date, by reading only what is new. */
import type { SessionFiles, Stamp } from './session-files.ts';

/** Computes a value from the lines of a file, one by one. */
export interface Fold<T> {
  empty(): T;
  /** Adds a line to `value`. */
  add(value: T, line: string): void;
}

export interface Followed<T> {
  value: T;
  stamp: Stamp;
  /** The offset after the last line in the value. */
  behind: number;
}

/** Brings `known` up to date with `stamp`, or starts over if it must; null when the file is gone. */
export async function follow<T>(
  files: Pick<SessionFiles, 'read'>,
  id: string,
  stamp: Stamp,
  fold: Fold<T>,
  known: Followed<T> | undefined,
): Promise<Followed<T> | null> {
  if (known && sameState(known.stamp, stamp)) return known;
  const grown = known?.stamp.inode === stamp.inode && stamp.bytes >= known.behind;
  const value = grown ? known.value : fold.empty();
  const behind = await files.read(id, grown ? known.behind : 0, (line) => fold.add(value, line));
  return behind === null ? null : { value, stamp, behind };
}

function sameState(one: Stamp, other: Stamp): boolean {
  return one.bytes === other.bytes && one.mtimeMs === other.mtimeMs && one.inode === other.inode;
}
