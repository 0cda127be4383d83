/**
 * One process at a time: a lock that the operating system takes back when its holder ends, however it ends.
 * SQLite's lock on a file does just that, so nothing has to be guessed about stale locks.
 */
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 100;

/**
 * Resolves when this process holds the lock of `file`, which is made when it is not there; disposing gives
 * the lock back. @throws when `signal` aborts first, or the file cannot be made.
 */
export async function exclusive(file: string, signal: AbortSignal): Promise<Disposable> {
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    while (!tryLock(database)) await sleep(POLL_MS, undefined, { signal });
  } catch (error) {
    database.close();
    throw error;
  }
  return { [Symbol.dispose]: () => database.close() };
}

const SQLITE_BUSY = 5;

function tryLock(database: DatabaseSync): boolean {
  try {
    database.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return false;
    throw error;
  }
}
