/** One holder at a time per key, first come first served. Keys do not wait for each other. */
import { type Permit, type Permits, permits } from '../permits.ts';

export interface Order {
  /** Resolves when earlier holders have left; rejects with the signal's reason when that comes first. */
  enter(key: string, signal: AbortSignal): Promise<Permit>;
}

export function orderByKey(): Order {
  const keys = new Map<string, Permits>();
  return {
    async enter(key, signal) {
      const own = keys.get(key) ?? permits(1);
      keys.set(key, own);
      const forget = () => {
        if (own.inUse === 0 && own.waiting === 0 && keys.get(key) === own) keys.delete(key);
      };
      const permit = await own.acquire(signal).catch((error) => {
        forget();
        throw error;
      });
      return {
        [Symbol.dispose]() {
          permit[Symbol.dispose]();
          forget();
        },
      };
    },
  };
}
