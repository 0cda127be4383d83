/** One run of a slow piece of work for all who ask at the same time: a group commit, a listing. */

/**
 * Calls that come while `work` is under way share the next run of it: each caller's run begins after
 * its call, so it sees what happened before. At most one run is under way, and one is to come.
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
