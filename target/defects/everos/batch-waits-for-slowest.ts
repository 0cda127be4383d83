import { cascadeOf } from '../../cascade/cascade.ts';
import type { Claims } from '../../cascade/claims.ts';
import type { Indexer } from '../../cascade/indexer.ts';
import { endlessPatience } from '../../lanes.ts';
import { defect } from '../defect.ts';

export default defect({
  why: 'Rows are worked on in batches: the next one starts when the slowest row of the last has ended.',
  parts: (healthy) => ({
    deadlines: (parts) => ({ ...healthy.deadlines(parts), background: endlessPatience }),
    cascade({ config, claims, indexer, afterFailure, log }) {
      const { cascadeSlots: slots, leaseMs } = config;
      return cascadeOf({ ...batchOf(claims, indexer), afterFailure, log, slots, leaseMs });
    },
  }),
});

/** Rows enter together and leave together. */
function batchOf(claims: Claims, indexer: Indexer): { claims: Claims; indexer: Indexer } {
  let inWork = 0;
  let ended = Promise.withResolvers<void>();
  return {
    claims: {
      ...claims,
      take(room) {
        if (inWork > 0) return [];
        const batch = claims.take(room);
        inWork = batch.length;
        ended = Promise.withResolvers<void>();
        return batch;
      },
    },
    async indexer(claim, scope) {
      try {
        await indexer(claim, scope);
      } finally {
        inWork--;
        if (inWork === 0) ended.resolve();
        await ended.promise;
      }
    },
  };
}
