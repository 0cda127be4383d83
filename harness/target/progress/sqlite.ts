/**
 * Progress by SQL over a SQLite file that the target writes. It is opened read-only, and without a lock that
 * the target could meet: with a write-ahead log a reader holds nobody up; without one the file is read as if
 * nobody wrote it, and what was read counts only when nobody did.
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import type { Progress } from '../../history/events.ts';
import type { SqliteProgressConfig } from '../config/config.ts';
import { fill } from '../config/template.ts';
import { type Counted, type ProgressSource, progressOf } from './source.ts';

/** A target that writes all the time is asked again at the next sample. */
const ATTEMPTS = 3;

/** @param folder of the config: a relative path begins there. */
export function sqliteProgress(config: SqliteProgressConfig, folder: string): ProgressSource {
  return {
    name: `SQL over ${config.sqlite}`,
    async read({ folder: runFolder }) {
      const file = resolve(folder, fill(config.sqlite, { tmp: runFolder ?? '' }));
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const before = stateOf(file);
        if (before.isWriteAhead) return query(file, config, false);
        if (before.isBeingWritten) continue;
        const counts = await query(file, config, true);
        if (counts !== null && stateOf(file).version === before.version) return counts;
      }
      return null;
    },
  };
}

interface FileState {
  isWriteAhead: boolean;
  /** A transaction is about to change the file, or has not been undone. */
  isBeingWritten: boolean;
  /** Changes with each transaction. */
  version: string;
}

/** The header as the file format describes it: byte 18 is 2 with a write-ahead log; 24 to 27 count changes. */
function stateOf(file: string): FileState {
  const header = bytesOf(file, 28);
  const { mtimeNs, size } = statSync(file, { bigint: true });
  const journal = bytesOf(`${file}-journal`, 8);
  return {
    isWriteAhead: header[18] === 2,
    // A journal that is kept between transactions begins with zeros.
    isBeingWritten: journal.some((byte) => byte !== 0),
    version: `${header.subarray(24).toString('hex')} ${mtimeNs} ${size}`,
  };
}

/** None where there is no such file. */
function bytesOf(file: string, count: number): Buffer {
  const bytes = Buffer.alloc(count);
  try {
    const descriptor = openSync(file, 'r');
    try {
      return bytes.subarray(0, readSync(descriptor, bytes, 0, count, 0));
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return bytes.subarray(0, 0);
  }
}

async function query(
  file: string,
  counted: Counted<string>,
  isImmutable: boolean,
): Promise<Progress | null> {
  const url = pathToFileURL(file);
  if (isImmutable) url.searchParams.set('immutable', '1');
  const database = new DatabaseSync(url, { readOnly: true, timeout: 0, allowExtension: false });
  try {
    return await progressOf(counted, (sql) => {
      const row = database.prepare(sql).get();
      const value = row && Object.values(row)[0];
      return typeof value === 'number' ? value : null;
    });
  } finally {
    database.close();
  }
}
