/**
 * Reads the small files of /proc, synchronously. What has gone is `null` (or an empty list), never an error;
 * what may not be read throws HanglabError `not-permitted`.
 */
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { HanglabError } from '../errors.ts';

/** A small file of /proc, or `null` when its process has gone. */
export function readText(path: string): string | null {
  return unlessGone(path, () => readFileSync(path, 'latin1'));
}

/** Where a link of /proc points (`exe`, `cwd`, `fd/3`), or `null` when it is gone. */
export function readLink(path: string): string | null {
  return unlessGone(path, () => readlinkSync(path));
}

export function list(path: string): string[] {
  return unlessGone(path, () => readdirSync(path)) ?? [];
}

/** How many entries a folder of /proc has; the kernel gives it as its size: 3 µs. */
export function countIn(path: string): number {
  const size = unlessGone(path, () => statSync(path).size) ?? 0;
  // Before Linux 6.2 the size is always 0.
  return size > 0 ? size : list(path).length;
}

function unlessGone<T>(path: string, read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ESRCH') return null;
    if (code !== 'EACCES' && code !== 'EPERM') throw error;
    throw new HanglabError(
      'not-permitted',
      `${path} may not be read: the process belongs to someone else. Run as its owner, or as root.`,
      { cause: error },
    );
  }
}
