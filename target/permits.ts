/** Permits: a bounded number at the same time, first come first served, every wait bounded. */

export interface Permit extends Disposable {}

export interface Permits {
  /** A permit, in order of asking; rejects with the signal's reason when that comes first. */
  acquire(signal: AbortSignal): Promise<Permit>;
  readonly limit: number;
  readonly inUse: number;
  readonly waiting: number;
}

interface Waiter {
  grant(permit: Permit): void;
}

/** `limit` permits. Disposing one twice is harmless. */
export function permits(limit: number): Permits {
  const waiters: Waiter[] = [];
  let inUse = 0;

  const issue = (): Permit => {
    let given = true;
    return {
      [Symbol.dispose]() {
        if (!given) return;
        given = false;
        const next = waiters.shift();
        if (next) next.grant(issue());
        else inUse--;
      },
    };
  };

  return {
    limit,
    get inUse() {
      return inUse;
    },
    get waiting() {
      return waiters.length;
    },
    async acquire(signal) {
      signal.throwIfAborted();
      if (inUse < limit) {
        inUse++;
        return issue();
      }
      return new Promise<Permit>((resolve, reject) => {
        const waiter: Waiter = {
          grant(permit) {
            signal.removeEventListener('abort', onAbort);
            resolve(permit);
          },
        };
        const onAbort = () => {
          waiters.splice(waiters.indexOf(waiter), 1);
          reject(signal.reason);
        };
        signal.addEventListener('abort', onAbort, { once: true });
        waiters.push(waiter);
      });
    },
  };
}
