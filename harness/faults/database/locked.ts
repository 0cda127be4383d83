/** Somebody else holds the lock of the target's SQLite file: a backup, an editor, a second process. */
import { lstatSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { HistoryEvent } from '../../history/events.ts';
import { HanglabError, messageOf } from '../../platform/errors.ts';
import { plural } from '../../platform/plural.ts';
import { readFds } from '../../platform/procfs/fds.ts';
import { pause } from '../../platform/wait.ts';
import type { Fault } from '../fault.ts';

const RETRY_MS = 5;

/** Nobody else can write to it, and in its default journal mode nobody can read it either. */
export function locked(): Fault {
  return {
    name: 'sqlite.locked',
    needs: ['sqlite'],
    touches: () => [],
    async inject({ sqliteFile, target, recorder, declared }) {
      if (sqliteFile === null) throw new Error('the target has no SQLite file');
      const lock = await lockFile(sqliteFile, declared.limits.requestMs);
      let sent = 0;
      let wasOpen = false;
      // Some servers open it for each request: whether they do is seen while they wait for the lock.
      const looking = setInterval(() => {
        wasOpen ||= isOpenIn(target.processes.pids(), sqliteFile);
      }, 50);
      const listening = recorder.onEvent((event: HistoryEvent) => {
        if (event.kind === 'request') sent++;
      });
      return {
        async evidence() {
          if (!wasOpen || sent === 0) return null;
          return `locked while ${plural(sent, 'request')} ${sent === 1 ? 'was' : 'were'} sent, and the target had it open`;
        },
        async [Symbol.asyncDispose]() {
          clearInterval(looking);
          listening[Symbol.dispose]();
          lock[Symbol.dispose]();
        },
      };
    },
  };
}

/** @throws HanglabError `cannot-lock` when there is no such file, or its lock is not free within `limitMs`. */
async function lockFile(file: string, limitMs: number): Promise<Disposable> {
  // A link may lead out of the folder of the run.
  if (!lstatSync(file, { throwIfNoEntry: false })?.isFile()) {
    throw cannotLock(file, 'there is no such file after the first requests');
  }
  const database = new DatabaseSync(file, { timeout: 0 });
  const never = new AbortController().signal;
  let why = '';
  for (let left = limitMs; left > 0; left -= RETRY_MS) {
    try {
      database.exec('BEGIN EXCLUSIVE');
      return {
        [Symbol.dispose]() {
          database.exec('ROLLBACK');
          database.close();
        },
      };
    } catch (error) {
      why = messageOf(error);
      await pause(RETRY_MS, never);
    }
  }
  database.close();
  throw cannotLock(file, why);
}

function cannotLock(file: string, why: string): HanglabError {
  return new HanglabError('cannot-lock', `the SQLite file ${file} cannot be locked: ${why}`);
}

function isOpenIn(pids: readonly number[], file: string): boolean {
  return pids.some((pid) => file in readFds(pid).byPath);
}
