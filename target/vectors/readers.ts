/** Readers at any time, and now and then one who must be alone: to remove what readers might read. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface Readers {
  read<T>(work: () => Promise<T>): Promise<T>;
  /**
   * Keeps new readers waiting, lets those inside end, then does `work`. Does without it (false) when
   * a reader is still inside after `limitMs`.
   */
  alone(work: () => Promise<void>, limitMs: number): Promise<boolean>;
}

export function readers(): Readers {
  let inside = 0;
  let closed: PromiseWithResolvers<void> | undefined;
  let empty: PromiseWithResolvers<void> | undefined;
  return {
    async read(work) {
      while (closed) await closed.promise;
      inside++;
      try {
        return await work();
      } finally {
        inside--;
        if (inside === 0) empty?.resolve();
      }
    },
    async alone(work, limitMs) {
      closed = Promise.withResolvers();
      empty = Promise.withResolvers();
      if (inside === 0) empty.resolve();
      const limit = new AbortController();
      const late = sleep(limitMs, true, { signal: limit.signal }).catch(() => true);
      try {
        if (await Promise.race([empty.promise, late])) return false;
        await work();
        return true;
      } finally {
        limit.abort();
        closed.resolve();
        closed = undefined;
        empty = undefined;
      }
    },
  };
}
