/**
 * Idle connections to upstreams: a pool keeps them on purpose, and a leak leaves them behind. Only reuse tells
 * one from the other: calls that come at once take what a pool has, and open new connections beside a leak.
 */
import type { EventOf, SocketCount } from '../../history/events.ts';

export type PoolTest = Omit<EventOf<'pool-test'>, 't' | 'kind'>;

/** A pool may replace a connection that has grown old, or open one for a call that came in between. */
const OPENED_LIMIT = 2;
/** Fewer calls than this would open no more than that beside a leak either. */
const LEAST_CALLS = 2 * OPENED_LIMIT;

/** Connections to `upstreams` on which nothing is under way. */
export function idleCount(sockets: readonly SocketCount[], upstreams: readonly string[]): number {
  return sockets
    .filter(({ peer, state, receiveQueueBytes, sendQueueBytes }) => {
      const isQuiet = receiveQueueBytes === 0 && sendQueueBytes === 0;
      return upstreams.includes(peer) && state === 'ESTABLISHED' && isQuiet;
    })
    .reduce((sum, { count }) => sum + count, 0);
}

/** How many connections the calls of a pool test left behind. */
export function openedBy({ idleBefore, idleAfter }: PoolTest): number {
  return Math.max(0, idleAfter - idleBefore);
}

export function showsReuse(test: PoolTest): boolean {
  return test.calls >= LEAST_CALLS && openedBy(test) <= OPENED_LIMIT;
}
