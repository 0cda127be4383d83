/** What is known of a file that only grows: kept, and brought up to date by reading what is new. */
import type { SessionFiles, Stamp } from './session-files.ts';

/** A value that is made of the lines of a file, one after another. */
export interface Fold<T> {
  empty(): T;
  /** Takes a line into `value`. */
  add(value: T, line: string): void;
}

export interface Followed<T> {
  value: T;
  stamp: Stamp;
  /** The byte behind the last line that is part of the value. */
  behind: number;
}

/** `known` brought to the state of `stamp`, or read anew when it cannot be; null when it is gone. */
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
