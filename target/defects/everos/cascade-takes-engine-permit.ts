/**
 * A cycle of two waits. The upload handler keeps the engine's only permit while it passes its
 * rows to the bounded queue; the worker that empties the queue needs that permit for each row.
 * The worker starts only after a pause between uploads, so rows of consecutive uploads
 * pile up: with 3 to 8 rows a document, the queue is full within the third to sixth.
 */
import type { Cascade } from '../../cascade/cascade.ts';
import type { Claim } from '../../cascade/claims.ts';
import type { Lane } from '../../lanes.ts';
import type { Parts } from '../../parts.ts';
import { permits } from '../../permits.ts';
import { openScope } from '../../scope.ts';
import { newDocumentId, topicsOf } from '../../uploads/ingest.ts';
import { defect } from '../defect.ts';

const QUEUE_ROWS = 16;

export default defect({
  why: 'The upload handler holds the one engine permit while it queues rows whose worker needs it.',
  parts: (healthy) => ({
    engine: () => permits(1),
    cascade: (parts) => sharedEngineCascade(parts),
    ingest: (parts) => async (upload, scope) => {
      using _permit = await parts.engine.acquire(scope.signal);
      const id = newDocumentId();
      const lane = alreadyAdmitted(parts.requestLane);
      const { model, estimate, failureReport: report } = parts;
      const topics = await topicsOf(id, upload, { model, lane, estimate, report }, scope);
      await parts.documents.add({ id, title: upload.title, bytes: upload.bytes, topics });
      const cascade = parts.cascade as SharedEngineCascade;
      for (const _topic of topics) await cascade.queueRow();
      return { id, topics: topics.length };
    },
    backgroundLane: (parts) => alreadyAdmitted(healthy.backgroundLane(parts)),
  }),
});

interface SharedEngineCascade extends Cascade {
  /** Resolves when the queue has room for one more row. */
  queueRow(): Promise<void>;
}

/** The lane for callers that already hold a permit. */
function alreadyAdmitted(lane: Lane): Lane {
  return { ...lane, permits: permits(Number.POSITIVE_INFINITY) };
}

function sharedEngineCascade(parts: Parts): SharedEngineCascade {
  const { claims, engine, indexer, afterFailure } = parts;
  const room: (() => void)[] = [];
  // Longer than any upload may take, so that consecutive uploads never let it start.
  const quietMs = parts.config.requestMs * 1.1;
  let queued = 0;
  let quiet: NodeJS.Timeout | undefined;
  let working: Promise<void> | undefined;
  const off = new AbortController();

  const rest = () => {
    clearTimeout(quiet);
    if (off.signal.aborted) return;
    quiet = setTimeout(() => {
      working ??= workThroughQueue().finally(() => {
        working = undefined;
        rest();
      });
    }, quietMs);
  };

  const workThroughQueue = async () => {
    while (!off.signal.aborted) {
      using _permit = await engine.acquire(off.signal);
      const [claim] = claims.take({ fresh: 1, retried: 0 });
      const [retry] = claim ? [] : claims.take({ fresh: 0, retried: 1 });
      const row = claim ?? retry;
      if (!row) return;
      await workOn(row);
      if (claim) leaveQueue();
    }
  };

  const workOn = async (claim: Claim) => {
    const renewal = setInterval(() => claims.renew([claim.token]), parts.config.leaseMs / 3);
    try {
      using scope = openScope(Number.POSITIVE_INFINITY, () => new Error('never'), [off.signal]);
      await indexer(claim, scope);
      claims.finish(claim);
    } catch (error) {
      claims.putBack(claim, afterFailure(claim, error));
    } finally {
      clearInterval(renewal);
    }
  };

  const leaveQueue = () => {
    const next = room.shift();
    if (next) next();
    else if (queued > 0) queued--;
  };

  return {
    start: rest,
    wake: rest,
    async queueRow() {
      rest();
      if (queued < QUEUE_ROWS) {
        queued++;
        return;
      }
      await new Promise<void>((resolve) => room.push(resolve));
    },
    async stop() {
      clearTimeout(quiet);
      off.abort(new Error('the server is shutting down'));
      await working?.catch(() => {});
    },
  };
}
