/**
 * Claims on rows. Who claims one gets a token and a lease; only that token can finish the row or
 * put it back, so a holder whose lease has run out can do no harm when it wakes up late.
 */
import { randomUUID } from 'node:crypto';
import { type Database, DOCUMENT_STATE_UPDATE } from '../documents/database.ts';

export interface Claim {
  rowId: string;
  documentId: string;
  title: string;
  topic: string;
  text: string;
  token: string;
  /** How often the row has been refused before. */
  attempts: number;
}

/** What becomes of a row whose work failed. `retryInMs` null: it is not tried again. */
export interface PutBack {
  state: 'pending' | 'failed';
  retryInMs: number | null;
  error: string;
}

export interface Claims {
  /** Claims rows that are due: at most `fresh` never tried before and `retried` tried ones. */
  take(room: { fresh: number; retried: number }): Claim[];
  /** Lengthens the lease of every claim in `tokens`. */
  renew(tokens: readonly string[]): void;
  holds(claim: Claim): boolean;
  /** False when the claim is no longer held: the row was taken back, or deleted. */
  finish(claim: Claim): boolean;
  putBack(claim: Claim, how: PutBack): void;
  /** Back to the queue as if never claimed: the holder is going away. */
  release(claim: Claim): void;
  /** Takes back claims whose holder is gone; returns the number of rows. */
  takeBackAbandoned(when: 'at-start' | 'lease-expired'): number;
  backlog(): Backlog;
}

export interface Backlog {
  /** Rows that will still be tried. */
  rows: number;
  /** Age of the oldest of them; 0 when there is none. */
  oldestMs: number;
  /** Claims whose lease has run out. */
  staleClaims: number;
}

export function leasedClaims(database: Database, leaseMs: number): Claims {
  const { sql } = database;
  const due = (which: string) =>
    sql.prepare(
      `SELECT rows.id AS rowId, documentId, title, topic, text, attempts
       FROM rows JOIN documents ON documents.id = documentId
       WHERE rows.state IN ('pending', 'failed') AND nextAttemptAt <= ? AND attempts ${which}
       ORDER BY nextAttemptAt, sequence, position LIMIT ?`,
    );
  const dueFresh = due('= 0');
  const dueRetried = due('> 0');
  const claim = sql.prepare(
    `UPDATE rows SET state = 'processing', token = ?, claimedAt = ?, leaseUntil = ? WHERE id = ?`,
  );
  const renewal = sql.prepare('UPDATE rows SET leaseUntil = ? WHERE token = ?');
  const held = sql.prepare(`SELECT 1 FROM rows WHERE id = ? AND token = ?`);
  const settle = sql.prepare(
    `UPDATE rows SET state = ?, attempts = attempts + ?, nextAttemptAt = ?, lastError = ?,
       token = NULL, claimedAt = NULL, leaseUntil = NULL WHERE id = ? AND token = ?`,
  );
  const takeBack = sql.prepare(
    `UPDATE rows SET state = 'pending', nextAttemptAt = ?, token = NULL, claimedAt = NULL,
       leaseUntil = NULL WHERE state = 'processing' AND leaseUntil < ? RETURNING documentId`,
  );
  const documentState = sql.prepare(DOCUMENT_STATE_UPDATE);
  const oldest = sql.prepare(
    `SELECT COUNT(*) AS rows, MIN(createdAt) AS since FROM rows
     WHERE state = 'processing' OR (state IN ('pending', 'failed') AND nextAttemptAt IS NOT NULL)`,
  );
  const stale = sql.prepare(
    `SELECT COUNT(*) AS claims FROM rows WHERE state = 'processing' AND leaseUntil < ?`,
  );

  type Settled = { state: string; attempts: number; nextAt: number | null; error: string | null };
  const settled = (row: Claim, to: Settled): boolean =>
    database.transaction(() => {
      const { state, attempts, nextAt, error } = to;
      const { changes } = settle.run(state, attempts, nextAt, error, row.rowId, row.token);
      if (changes > 0) documentState.run(row.documentId);
      return changes > 0;
    });

  return {
    take({ fresh, retried }) {
      const now = Date.now();
      const rows = [...dueFresh.all(now, fresh), ...dueRetried.all(now, retried)];
      if (rows.length === 0) return [];
      const claims = rows.map((row) => ({ ...row, token: randomUUID() })) as unknown as Claim[];
      database.transaction(() => {
        for (const { rowId, documentId, token } of claims) {
          claim.run(token, now, now + leaseMs, rowId);
          documentState.run(documentId);
        }
      });
      return claims;
    },
    renew(tokens) {
      const until = Date.now() + leaseMs;
      database.transaction(() => {
        for (const token of tokens) renewal.run(until, token);
      });
    },
    holds: ({ rowId, token }) => held.get(rowId, token) !== undefined,
    finish: (row) => settled(row, { state: 'indexed', attempts: 0, nextAt: null, error: null }),
    putBack(row, { state, retryInMs, error }) {
      const nextAt = retryInMs === null ? null : Date.now() + Math.ceil(retryInMs);
      settled(row, { state, attempts: 1, nextAt, error });
    },
    release: (row) => {
      settled(row, { state: 'pending', attempts: 0, nextAt: Date.now(), error: null });
    },
    takeBackAbandoned(when) {
      // At the start no claim can have a living holder: the database admits one process only.
      const before = when === 'at-start' ? Number.MAX_SAFE_INTEGER : Date.now();
      return database.transaction(() => {
        const rows = takeBack.all(Date.now(), before);
        for (const id of new Set(rows.map((row) => String(row.documentId)))) documentState.run(id);
        return rows.length;
      });
    },
    backlog() {
      const { rows, since } = oldest.get() as { rows: number; since: number | null };
      const { claims } = stale.get(Date.now()) as { claims: number };
      return { rows, oldestMs: since === null ? 0 : Date.now() - since, staleClaims: claims };
    },
  };
}
