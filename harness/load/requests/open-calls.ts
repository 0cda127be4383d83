/**
 * Requests that call the upstream with the fault, so many open at a time: one, then 64, doubled to a cap. A
 * pool of connections, of threads or of permits has a size, and what is beyond it shows only there.
 */

import { z } from 'zod';
import type { Environment } from '../../environment/environment.ts';
import type { Phase } from '../../history/events.ts';
import { checkOptions, count } from '../../platform/options.ts';
import { pause } from '../../platform/wait.ts';
import { climb } from '../levels.ts';
import { duringShape, type Load } from '../load.ts';
import { sendOnce, watchOperations } from '../watch.ts';

export interface OpenCallsOptions {
  /** The first level after one; 64 when not given. */
  from?: number;
  /** The last one; 256 when not given. */
  most?: number;
  during?: readonly Phase[];
}

const SHAPE = z.strictObject({
  from: count.optional(),
  most: count.optional(),
  during: duringShape.optional(),
});

/** So many levels fit into the time that a request may take. */
const LEVELS_PER_LIMIT = 4;
/** Opened in groups, so that the machine's own limit of connections a moment is not what is measured. */
const GROUP = 16;
const GROUP_PAUSE_MS = 10;

export function openCalls(options: OpenCallsOptions = {}): Load {
  checkOptions('openCalls', SHAPE, options);
  const { from = 64, most = 256, during = ['fault'] } = options;
  return {
    name: 'open calls',
    needs: ['operation'],
    watches: true,
    endless: true,
    during,
    // No round of hundreds: what a pool keeps of it would hide what a fault leaves behind.
    warmup: (environment, stop) => watchOperations(environment, undefined, 'load', stop),
    async run(environment, stop) {
      const stepMs = environment.declared.limits.requestMs / LEVELS_PER_LIMIT;
      const open = { count: 0 };
      const what = ['call open', 'calls open'] as const;
      environment.recorder.record({ kind: 'level', what: what[0], count: 1 });
      await fill(environment, open, 1, stop);
      await pause(stepMs, stop);
      await climb(environment, { what, from, most, stepMs }, stop, async (wanted) => {
        await fill(environment, open, wanted, stop);
        // Those that the server has refused by now are gone; how many were tried is the level.
        return wanted;
      });
    },
  };
}

/** Sends until so many are open. */
async function fill(
  environment: Environment,
  open: { count: number },
  wanted: number,
  stop: AbortSignal,
): Promise<void> {
  const callers = environment.operations.callers();
  const missing = callers.length === 0 ? 0 : wanted - open.count;
  for (let i = 0; i < missing && !stop.aborted; i++) {
    const operation = callers[i % callers.length];
    if (!operation) return;
    open.count++;
    void sendOnce(environment, operation, 'load', stop).finally(() => open.count--);
    if (i % GROUP === GROUP - 1) await pause(GROUP_PAUSE_MS, stop);
  }
}
