/** `memory-bounded`: resident memory does not grow beyond a bound under load, since each queue has one. */

import { z } from 'zod';
import { checkOptions } from '../../platform/options.ts';
import { type Check, check, notReached } from '../check.ts';

const MB = 1_000_000;

interface State {
  beforeBytes: number | null;
  mostBytes: number;
}

/**
 * What any server may grow by: as much again as it had, since collectors let garbage lie, and at least this.
 * A small Node server under load grows by 30 to 45 MB, one whose buffers have no bound by gigabytes.
 */
const LEAST_GROWTH_MB = 128;

const SHAPE = z.strictObject({ growthMb: z.number().positive().optional() });

/** `growthMb`: what it may grow by; as much as it had before the load, at least 128 MB, when not given. */
export function memoryBounded(options: { growthMb?: number } = {}): Check {
  checkOptions('memoryBounded', SHAPE, options);
  return check<State>({
    name: 'memory-bounded',
    start: () => ({ beforeBytes: null, mostBytes: 0 }),
    on: {
      process(state, { rssBytes, alive }, run) {
        if (!alive) return;
        if (!run.phases.fault) state.beforeBytes = rssBytes;
        state.mostBytes = Math.max(state.mostBytes, rssBytes);
      },
    },
    finding({ beforeBytes, mostBytes }, run) {
      const ownMb = Math.round((beforeBytes ?? 0) / MB);
      const growthMb = options.growthMb ?? Math.max(LEAST_GROWTH_MB, ownMb);
      const limit = { value: growthMb, unit: 'MB' };
      if (beforeBytes === null || !run.phases.fault) {
        return { ...notReached('fault', 'there is no sample from before the load'), limit };
      }
      const grownMb = Math.round((mostBytes - beforeBytes) / MB);
      const counts = `${Math.round(beforeBytes / MB)} MB before the load, ${Math.round(mostBytes / MB)} MB at most`;
      const failed = grownMb > growthMb;
      return {
        verdict: failed ? 'fail' : 'pass',
        phase: 'fault',
        message: failed ? `memory grew beyond its bound: ${counts}` : counts,
        measured: { value: grownMb, unit: 'MB' },
        limit,
      };
    },
  });
}
