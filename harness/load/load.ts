/** The requests that a scenario sends. */

import type { Phase } from '../history/history.ts';
import type { Environment } from '../run/environment.ts';

export interface Load {
  name: string;
  /** The phases in which it sends; contiguous. */
  during: readonly Phase[];
  /** It never has no more to send: the end of a phase does not wait for it. */
  endless?: boolean;
  /** One small round of the same requests, before anything is measured. */
  warmup(environment: Environment, stop: AbortSignal): Promise<void>;
  /**
   * Sends until it has no more to send or `stop` says so. Resolves then, whether or not all its
   * requests have been answered: those that are open are known to `environment.requests`.
   */
  run(environment: Environment, stop: AbortSignal): Promise<void>;
}

export const THROUGH_FAULT: readonly Phase[] = ['baseline', 'fault', 'recovery'];

/** Resolves after `ms`, or at once when `signal` aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}

/** Resolves with `work`, or at once when `signal` aborts; the work goes on. */
export async function unlessStopped(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const stopped = Promise.withResolvers<void>();
  const stop = (): void => stopped.resolve();
  if (signal.aborted) return;
  signal.addEventListener('abort', stop);
  await Promise.race([work, stopped.promise]);
  signal.removeEventListener('abort', stop);
}
