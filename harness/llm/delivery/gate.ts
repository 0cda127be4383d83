/** Where silent requests wait until they are released, their time is up, or nobody listens any more. */

export interface Gate {
  /** True when released, false after `ms` (Infinity: never); rejects when `signal` aborts. */
  wait(ms: number, signal: AbortSignal): Promise<boolean>;
  /** Lets go all that wait now; those that come later wait for the next release. */
  release(): void;
}

export function gate(): Gate {
  // A set rather than one shared promise: a waiter that leaves takes its memory with it.
  const waiting = new Set<(released: boolean) => void>();
  return {
    wait: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const leave = (): void => {
          waiting.delete(open);
          clearTimeout(timer);
          signal.removeEventListener('abort', onAbort);
        };
        const open = (released: boolean): void => {
          leave();
          resolve(released);
        };
        const onAbort = (): void => {
          leave();
          reject(signal.reason);
        };
        const timer = Number.isFinite(ms) ? setTimeout(open, ms, false) : undefined;
        waiting.add(open);
        signal.addEventListener('abort', onAbort);
      }),
    release: () => {
      for (const open of [...waiting]) open(true);
    },
  };
}
