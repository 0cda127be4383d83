/** Runs jobs: those that cost CPU one at a time and alone, those that mostly wait several at a time. */

export interface Job<T> {
  cost: 'cpu' | 'wait';
  run(): Promise<T>;
}

/**
 * The results in the order of `jobs`. Waiting ones first, then the others one by one, so that neither
 * disturbs the other's timing.
 * @throws what the first failing job threw, once those that are under way have ended.
 */
export async function runJobs<T>(jobs: readonly Job<T>[], atOnce: number): Promise<T[]> {
  const results: T[] = new Array(jobs.length);
  let failure: { error: unknown } | null = null;
  const work = async (indices: number[]): Promise<void> => {
    for (let i = indices.shift(); i !== undefined && !failure; i = indices.shift()) {
      try {
        results[i] = await jobs[i]!.run();
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  const indicesOf = (cost: 'cpu' | 'wait'): number[] =>
    jobs.flatMap((job, i) => (job.cost === cost ? [i] : []));
  const waiting = indicesOf('wait');
  await Promise.all(Array.from({ length: Math.min(atOnce, waiting.length) }, () => work(waiting)));
  await work(indicesOf('cpu'));
  if (failure) throw (failure as { error: unknown }).error;
  return results;
}
