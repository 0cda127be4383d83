/**
 * Runs the handlers of tasks: one at a time per session, in order of submission, each with its own
 * limit. Sessions do not wait for each other.
 */
import { Refusal } from '../refusal.ts';
import { openScope, type Scope, untilAborted } from '../scope.ts';
import type { Order } from '../sessions/order.ts';

export interface Dispatcher {
  /** Queues `handler` and returns its outcome; rejects when `signal` is aborted first. */
  run<T>(sessionId: string, handler: (scope: Scope) => Promise<T>, signal: AbortSignal): Promise<T>;
}

export function dispatcherOf(order: Order, limitMs: number): Dispatcher {
  return {
    async run(sessionId, handler, signal) {
      using _turn = await order.enter(sessionId, signal);
      const late = () => new Refusal(504, 'handler-deadline', `not done within ${limitMs} ms`);
      using scope = openScope(limitMs, late, [signal]);
      return await untilAborted(handler(scope), scope.signal);
    },
  };
}
