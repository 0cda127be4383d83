/**
 * Reads a file whose path another process has named. hanglab may run as root and that process as anybody, so
 * the path may lead to a file that it could not read itself, to a pipe that blocks, or to one without end.
 */
import { constants, type Stats } from 'node:fs';
import { open } from 'node:fs/promises';

export interface SafeReadOptions {
  maxBytes: number;
  /** By whom the naming process runs: what its user could not read is not read either. */
  uid: number;
  /** Do not follow a link in the last part of the path. */
  noLinks?: boolean;
}

/**
 * The whole text.
 * @returns null when there is no such file, it is no regular file, is larger, or is not that user's to read.
 */
export async function safeRead(
  path: string,
  { maxBytes, uid, noLinks = false }: SafeReadOptions,
): Promise<string | null> {
  // A pipe without a writer opens at once this way, and is refused as no regular file.
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | (noLinks ? constants.O_NOFOLLOW : 0);
  const file = await open(path, flags).catch(() => null);
  if (!file) return null;
  try {
    const stat = await file.stat();
    if (!stat.isFile() || stat.size > maxBytes || !isReadableBy(uid, stat)) return null;
    // It may grow while it is read: never more than was allowed.
    const buffer = Buffer.alloc(stat.size);
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return buffer.toString('utf8', 0, length);
  } catch {
    return null;
  } finally {
    await file.close();
  }
}

/** Groups are left out: which of them a process has is not worth a mistake. */
function isReadableBy(uid: number, { uid: owner, mode }: Stats): boolean {
  return uid === 0 || owner === uid || uid === process.getuid?.() || (mode & 0o004) !== 0;
}
