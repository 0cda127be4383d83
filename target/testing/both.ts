/** Experiments on the healthy server and on a defective one. */
import {
  startTarget,
  startTargetHere,
  type Target,
  type TargetOptions,
  type TargetProcess,
} from './target.ts';

/** Limits that a starved process does not reach by accident, and that end well before `LIMIT_MS`. */
export const PATIENT: readonly string[] = [
  ...['--request-ms', '6000'],
  ...['--attempt-ms', '4000'],
  ...['--idle-ms', '3500'],
  ...['--turn-ms', '12000'],
  ...['--handler-ms', '12000'],
];

/** What has not ended after this time hangs: it is beyond all limits of a healthy server. */
export const LIMIT_MS = 15_000;

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
