/** The folder of the sessions, one `.jsonl` file each. No descriptor outlives the call that opened it. */
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Entry, linesOf, SESSION_ID } from './entries.ts';

/** Distinguishes states of a file. */
export interface Stamp {
  bytes: number;
  mtimeMs: number;
  inode: number;
}

export interface SessionFiles {
  /** All sessions, in no particular order. */
  ids(): Promise<string[]>;
  /** Null when there is no such session. */
  stamp(id: string): Promise<Stamp | null>;
  /**
   * Calls `onLine` for each complete line from byte `from` on. Resolves with the offset after the last
   * one, or with null when the session has been deleted. The file is read in slices, so a large one
   * does not block the event loop.
   */
  read(id: string, from: number, onLine: (line: string) => void): Promise<number | null>;
  create(id: string, entries: readonly Entry[]): Promise<void>;
  /** Resolves when the entries are on the disk; false when there is no such session. */
  append(id: string, entries: readonly Entry[]): Promise<boolean>;
  remove(id: string): Promise<boolean>;
}

const ENDING = '.jsonl';
const SLICE_BYTES = 131_072;
const NEWLINE = 10;

export function sessionFilesIn(folder: string): SessionFiles {
  const ready = mkdir(folder, { recursive: true });
  const pathOf = (id: string) => join(folder, `${id}${ENDING}`);
  return {
    async ids() {
      await ready;
      const names = await readdir(folder);
      return names
        .filter((name) => name.endsWith(ENDING))
        .map((name) => name.slice(0, -ENDING.length))
        .filter((id) => SESSION_ID.test(id));
    },
    stamp: (id) => orNull(stampOf(pathOf(id))),
    async read(id, from, onLine) {
      await using file = await orNull(open(pathOf(id), 'r'));
      return file ? await readLines(file, from, onLine) : null;
    },
    async create(id, entries) {
      await ready;
      await using file = await open(pathOf(id), 'wx');
      await file.writeFile(linesOf(entries));
      await file.datasync();
    },
    async append(id, entries) {
      // Without O_CREAT, so that a deleted session does not come back.
      const opening = open(pathOf(id), constants.O_RDWR | constants.O_APPEND);
      await using file = await orNull(opening);
      if (!file) return false;
      const lines = linesOf(entries);
      await file.appendFile((await endsInMidLine(file)) ? `\n${lines}` : lines);
      await file.datasync();
      return true;
    },
    async remove(id) {
      if ((await orNull(stampOf(pathOf(id)))) === null) return false;
      await rm(pathOf(id), { force: true });
      return true;
    },
  };
}

async function stampOf(path: string): Promise<Stamp> {
  const { size, mtimeMs, ino } = await stat(path);
  return { bytes: size, mtimeMs, inode: ino };
}

async function orNull<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** True after a crash in mid-write: the next entry must not continue that line. */
async function endsInMidLine(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  if (size === 0) return false;
  const { buffer } = await file.read({ buffer: Buffer.alloc(1), position: size - 1 });
  return buffer[0] !== NEWLINE;
}

async function readLines(
  file: FileHandle,
  from: number,
  onLine: (line: string) => void,
): Promise<number> {
  const buffer = Buffer.allocUnsafe(SLICE_BYTES);
  /** The beginning of a line that continues in the next slice. */
  let begun: Buffer[] = [];
  let behind = from;
  for (let position = from; ; ) {
    const { bytesRead } = await file.read({ buffer, position });
    if (bytesRead === 0) return behind;
    const slice = buffer.subarray(0, bytesRead);
    const lastEnd = slice.lastIndexOf(NEWLINE);
    if (lastEnd >= 0) {
      const text = Buffer.concat([...begun, slice.subarray(0, lastEnd)]).toString('utf8');
      for (const line of text.split('\n')) if (line !== '') onLine(line);
      behind = position + lastEnd + 1;
      begun = [];
    }
    if (lastEnd + 1 < bytesRead) begun.push(Buffer.from(slice.subarray(lastEnd + 1)));
    position += bytesRead;
  }
}
