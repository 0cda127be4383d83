/** Runs jobs: those that cost CPU one at a time and alone, those that mostly wait several at a time. */
import pLimit from 'p-limit';

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
  const results = new Map<Job<T>, T>();
  for (const [cost, concurrency] of [['wait', atOnce] as const, ['cpu', 1] as const]) {
    const limit = pLimit({ concurrency, rejectOnClear: true });
    let failure: { error: unknown } | null = null;
    const own = jobs.filter((job) => job.cost === cost);
    await Promise.allSettled(
      own.map((job) =>
        limit(async () => {
          try {
            results.set(job, await job.run());
          } catch (error) {
            failure ??= { error };
            limit.clearQueue();
          }
        }),
      ),
    );
    if (failure) throw (failure as { error: unknown }).error;
  }
  return jobs.map((job) => results.get(job) as T);
}
