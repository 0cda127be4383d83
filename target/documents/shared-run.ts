/** One run of a slow piece of work for all who ask at the same time: group commit, for example. */

/**
 * Calls that come while `work` is under way share the next run of it: each caller's run begins after
 * its call.
 */
export function sharedRun(work: () => Promise<void>): () => Promise<void> {
  let current: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  return () => {
    next ??= current
      .catch(() => {})
      .then(() => {
        current = next as Promise<void>;
        next = undefined;
        return work();
      });
    return next;
  };
}
