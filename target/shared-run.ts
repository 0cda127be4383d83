/** Runs slow work once for all concurrent callers: a group commit, a listing. */

/**
 * Calls made while `work` is running share its next run. Each caller's run starts after its call, so
 * it sees everything that happened before. At most one run is active and one is pending.
 */
export function sharedRun<T>(work: () => Promise<T>): () => Promise<T> {
  let current: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | undefined;
  return () => {
    next ??= current
      .catch(() => {})
      .then(() => {
        current = next as Promise<T>;
        next = undefined;
        return work();
      });
    return next;
  };
}
