/**
 * Rest after a round: no requests, until nothing moves any more. What a round leaves behind must be gone by
 * then, or it counts; so a server that keeps something on purpose for a while needs that long (`--idle`).
 */
import { monotonicMs } from '../../platform/clock.ts';
import { readLight, readThreadTimes } from '../../platform/procfs/process.ts';
import { pause } from '../../platform/wait.ts';
import type { Rest } from '../rounds/subject.ts';

export interface RestOptions {
  pids(): readonly number[];
  /** How long nothing may move before it counts as rest. */
  stillMs: number;
  /** At least so long: what the server keeps for a while is gone then. */
  idleMs: number;
  /** Whether accepted work is still open; false where nothing tells. */
  isWorking(signal: AbortSignal): Promise<boolean>;
}

const LOOK_EVERY_MS = 100;
/** What has not come to rest by then will not: its values are read as they are. */
const MOST_MS = 30_000;

export async function rest(options: RestOptions, signal: AbortSignal): Promise<Rest> {
  const { stillMs, idleMs, isWorking } = options;
  const startMs = monotonicMs();
  let still = { counts: '', sinceMs: startMs, cpuMs: 0 };
  for (;;) {
    const pids = options.pids();
    const counts = countsOf(pids);
    const nowMs = monotonicMs();
    const isBusy = await isWorking(signal);
    if (counts !== still.counts || isBusy) {
      still = { counts, sinceMs: nowMs, cpuMs: cpuOf(pids) };
    }
    const stillFor = nowMs - still.sinceMs;
    const isStill = stillFor >= stillMs && nowMs - startMs >= idleMs;
    if (isStill || nowMs - startMs >= Math.max(MOST_MS, idleMs) + stillMs || signal.aborted) {
      const usedMs = Math.max(0, cpuOf(pids) - still.cpuMs);
      const idleCpu = stillFor > 0 ? Math.round((1000 * 10 * usedMs) / stillFor) / 10 : 0;
      return { tookMs: Math.round(nowMs - startMs), isStill, idleCpu };
    }
    await pause(LOOK_EVERY_MS, signal);
  }
}

function countsOf(pids: readonly number[]): string {
  return pids
    .map((pid) => {
      const sample = readLight(pid);
      return sample ? `${pid}:${sample.fds}:${sample.threads}:${sample.children}` : `${pid}:gone`;
    })
    .join(' ');
}

/** Of all threads that are there, in nanosecond steps. */
function cpuOf(pids: readonly number[]): number {
  return pids.flatMap((pid) => readThreadTimes(pid)).reduce((sum, { cpuMs }) => sum + cpuMs, 0);
}
