import type { Claim } from '../../cascade/claims.ts';
import { entriesOf, textsOf } from '../../cascade/indexer.ts';
import { DOCUMENT_STATE_UPDATE } from '../../documents/database.ts';
import { defect } from '../defect.ts';

/** More than a row normally takes, and less than it takes with a slow model. */
const STUCK_AFTER_MS = 500;

export default defect({
  why: 'A watchdog frees every row that has been claimed for half a second, worked on or not.',
  parts: (healthy) => ({
    claims(parts) {
      const { sql } = parts.database;
      const claims = healthy.claims(parts);
      const free = sql.prepare(
        `UPDATE rows SET state = 'pending', nextAttemptAt = ?, token = NULL, claimedAt = NULL,
           leaseUntil = NULL WHERE state = 'processing' AND claimedAt < ?`,
      );
      const finish = sql.prepare(
        `UPDATE rows SET state = 'indexed', token = NULL, claimedAt = NULL, leaseUntil = NULL,
           nextAttemptAt = NULL WHERE id = ?`,
      );
      const documentState = sql.prepare(DOCUMENT_STATE_UPDATE);
      return {
        ...claims,
        take(room) {
          const now = Date.now();
          free.run(now, now - STUCK_AFTER_MS);
          return claims.take(room);
        },
        // Rows change hands, so tokens are ignored: whoever finishes first wins.
        finish({ rowId, documentId }) {
          const { changes } = finish.run(rowId);
          documentState.run(documentId);
          return changes > 0;
        },
      };
    },
    fence({ documents }) {
      return { admits: ({ documentId }) => documents.titles([documentId]).size > 0 };
    },
    // Each holder writes its result under a row id of its own.
    indexer:
      ({ model, backgroundLane, writer }) =>
      async (claim, scope) => {
        const call = { lane: backgroundLane, scope };
        const texts = await textsOf(claim, model, call);
        const vectors = await model.embed(texts, claim.documentId, call);
        const mine: Claim = { ...claim, rowId: `${claim.rowId}.${claim.token}` };
        await writer.upsert(claim, entriesOf(mine, texts, vectors), scope.signal);
      },
  }),
});
