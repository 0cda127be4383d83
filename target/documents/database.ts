/** The change state: one SQLite file, opened by one process only. */
import { closeSync, fdatasync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { EXIT, HanglabError, messageOf } from '../../harness/platform/errors.ts';
import { sharedRun } from '../shared-run.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS documents (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    topics INTEGER NOT NULL,
    state TEXT NOT NULL,
    createdAt INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS documentsByState ON documents (state, sequence);
  CREATE TABLE IF NOT EXISTS rows (
    id TEXT PRIMARY KEY,
    documentId TEXT NOT NULL,
    position INTEGER NOT NULL,
    topic TEXT NOT NULL,
    text TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    nextAttemptAt INTEGER,
    token TEXT,
    claimedAt INTEGER,
    leaseUntil INTEGER,
    lastError TEXT,
    createdAt INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS rowsByState ON rows (state, nextAttemptAt, createdAt);
  CREATE INDEX IF NOT EXISTS rowsByDocument ON rows (documentId, position);
  CREATE TABLE IF NOT EXISTS deletions (documentId TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT;
`;

export interface Database extends AsyncDisposable {
  readonly sql: DatabaseSync;
  /** Runs `work` in one transaction: all of it survives the end of the process, or none of it. */
  transaction<T>(work: () => T): T;
  /** Resolves when everything committed so far also survives a power cut. */
  durable(): Promise<void>;
}

/** The log is copied into the database after so many pages of 4 KB, which blocks for two fsyncs. */
const PAGES_A_CHECKPOINT = 4000;

/**
 * The database in `folder`. A commit only appends to the write-ahead log (0.1 ms); the log is brought
 * to the disk off the event loop, for those who must wait for that. With synchronous=FULL each commit
 * would do it on the loop: 0.4 ms on an idle disk, but over 100 ms while others keep it busy.
 * @throws HanglabError `data-in-use` when another process has it open.
 */
export function openDatabase(folder: string): Database {
  const path = join(folder, 'state.sqlite');
  const sql = new DatabaseSync(path);
  try {
    sql.exec('PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;');
    sql.exec(`PRAGMA wal_autocheckpoint=${PAGES_A_CHECKPOINT}`);
    sql.exec(SCHEMA);
  } catch (error) {
    sql.close();
    const held = messageOf(error).includes('locked');
    throw new HanglabError(
      held ? 'data-in-use' : 'data-unreadable',
      held
        ? `${folder} is in use by another process: give each server its own --data folder`
        : `${path} cannot be opened: ${messageOf(error)}`,
      { exitCode: EXIT.usage },
    );
  }
  const log = openSync(`${path}-wal`, 'r+');
  const durable = sharedRun(() => promisify(fdatasync)(log));
  return {
    sql,
    durable,
    transaction(work) {
      sql.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        sql.exec('COMMIT');
        return result;
      } catch (error) {
        sql.exec('ROLLBACK');
        throw error;
      }
    },
    async [Symbol.asyncDispose]() {
      await durable();
      closeSync(log);
      sql.close();
    },
  };
}

/** A document is indexed when all its rows are; one failed row shows on the whole. */
export const DOCUMENT_STATE_UPDATE = `
  UPDATE documents SET state = (
    SELECT CASE
      WHEN SUM(state <> 'indexed') = 0 THEN 'indexed'
      WHEN SUM(state = 'failed') > 0 THEN 'failed'
      WHEN SUM(state <> 'pending') > 0 THEN 'processing'
      ELSE 'pending' END
    FROM rows WHERE documentId = documents.id)
  WHERE id = ?`;
