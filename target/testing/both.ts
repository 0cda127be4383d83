/** Experiments on the healthy server and on a defective one. */
import {
  startTarget,
  startTargetHere,
  type Target,
  type TargetOptions,
  type TargetProcess,
} from './target.ts';

/** Runs `experiment` on the healthy server and on one with `defect`, side by side. */
export async function onBoth<T>(
  defect: string,
  experiment: (target: Target) => Promise<T>,
  flags: readonly string[] = [],
): Promise<{ healthy: T; defective: T }> {
  await using one = await startTargetHere({ flags });
  await using other = await startTargetHere({ flags, defect });
  const [healthy, defective] = await Promise.all([experiment(one), experiment(other)]);
  return { healthy, defective };
}

/** The same with separate processes, one after the other: for measurements. */
export async function onBothProcesses<T>(
  defect: string,
  experiment: (target: TargetProcess) => Promise<T>,
  flags: readonly string[] = [],
): Promise<{ healthy: T; defective: T }> {
  const run = async (options: TargetOptions) => {
    await using target = await startTarget({ ...options, flags });
    return await experiment(target);
  };
  return { healthy: await run({}), defective: await run({ defect }) };
}
