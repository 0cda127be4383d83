/**
 * Runs the handlers of tasks: those of one session one after another, in the order of asking, each
 * with a limit of its own. Sessions do not wait for each other.
 */
import { Refusal } from '../refusal.ts';
import { openScope, type Scope, untilAborted } from '../scope.ts';
import type { Order } from '../sessions/order.ts';

export interface Dispatcher {
  /** The outcome of `handler`, whose turn comes some time; rejects when `signal` is aborted before. */
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
