/**
 * The cascade worker: takes due rows, works on several at once, each with its own bounds, and puts
 * back what failed. Rows that have been refused may fill half of the slots only, so that documents
 * whose model calls never succeed cannot hold up the others.
 */
import type { FastifyBaseLogger } from 'fastify';
import { openScope } from '../scope.ts';
import type { AfterFailure } from './after-failure.ts';
import type { Claim, Claims } from './claims.ts';
import type { Indexer } from './indexer.ts';

export interface Cascade {
  start(): void;
  /** There may be something to do. */
  wake(): void;
  /** Takes no more rows, gives those in work `patienceMs` to end, then puts them back. */
  stop(patienceMs: number): Promise<void>;
}

export interface CascadeParts {
  claims: Claims;
  indexer: Indexer;
  afterFailure: AfterFailure;
  log: FastifyBaseLogger;
  slots: number;
  leaseMs: number;
}

/** How often to look for rows whose back-off is over. */
const POLL_MS = 100;

const stopping = () => new Error('the server is shutting down');

export function cascadeOf(parts: CascadeParts): Cascade {
  const { claims, slots, log } = parts;
  const working = new Map<Claim, Promise<void>>();
  const off = new AbortController();
  const timers: NodeJS.Timeout[] = [];
  let stopped = false;

  const look = () => {
    if (stopped || working.size >= slots) return;
    const retrying = [...working.keys()].filter((claim) => claim.attempts > 0).length;
    const free = slots - working.size;
    const room = Math.min(free, Math.max(1, Math.floor(slots / 2)) - retrying);
    for (const claim of claims.take({ fresh: free, retried: Math.max(0, room) })) {
      working.set(
        claim,
        workOn(claim, parts, off.signal).finally(() => {
          working.delete(claim);
          look();
        }),
      );
    }
  };

  const watchLeases = () => {
    claims.renew([...working.keys()].map((claim) => claim.token));
    const taken = claims.takeBackAbandoned('lease-expired');
    if (taken > 0) log.warn({ event: 'leases-expired', rows: taken });
  };

  return {
    start() {
      timers.push(setInterval(look, POLL_MS), setInterval(watchLeases, parts.leaseMs / 3));
      look();
    },
    wake: look,
    async stop(patienceMs) {
      stopped = true;
      const impatience = setTimeout(() => off.abort(stopping()), patienceMs);
      await Promise.all(working.values());
      clearTimeout(impatience);
      for (const timer of timers) clearInterval(timer);
    },
  };
}

async function workOn(claim: Claim, parts: CascadeParts, off: AbortSignal): Promise<void> {
  const { claims, indexer, afterFailure, log } = parts;
  using scope = openScope(Number.POSITIVE_INFINITY, stopping, [off]);
  const { rowId, documentId } = claim;
  try {
    await indexer(claim, scope);
    const held = claims.finish(claim);
    log.debug({ event: held ? 'row-indexed' : 'row-gone', rowId, documentId });
  } catch (error) {
    if (off.aborted) return claims.release(claim);
    const how = afterFailure(claim, error);
    claims.putBack(claim, how);
    log.warn({ event: 'row-refused', rowId, documentId, ...how });
  }
}
