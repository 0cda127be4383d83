/** `memory-bounded`: resident memory does not grow beyond a bound under load, since each queue has one. */

import { z } from 'zod';
import { checkOptions } from '../../platform/options.ts';
import { type Check, check, notReached } from '../check.ts';

const MB = 1_000_000;

interface State {
  beforeBytes: number | null;
  mostBytes: number;
}

const SHAPE = z.strictObject({ growthMb: z.number().positive() });

export function memoryBounded(options: { growthMb: number }): Check {
  checkOptions('memoryBounded', SHAPE, options);
  const { growthMb } = options;
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
