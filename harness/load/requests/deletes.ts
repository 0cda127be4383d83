/** Writes something and deletes it again: once its work is done, or while it still goes on. */

import { z } from 'zod';
import type { Environment } from '../../environment/environment.ts';
import type { Phase } from '../../history/events.ts';
import { checkOptions } from '../../platform/options.ts';
import { pause, unlessStopped } from '../../platform/wait.ts';
import { type Timing, timing, timingMs } from '../../target/timing.ts';
import { duringShape, type Load, THROUGH_FAULT } from '../load.ts';

export interface DeleteOptions {
  every: Timing;
  /** `done`: when it is at rest. A duration: so long after its acknowledgement, in the middle of the work. */
  after: 'done' | Timing;
  during?: readonly Phase[];
  group?: string;
}

const BYTES = 10_000;

const SHAPE = z.strictObject({
  every: timing,
  after: z.union([z.literal('done'), timing]),
  during: duringShape.optional(),
  group: z.string().optional(),
});

export function deletes(options: DeleteOptions): Load {
  checkOptions('deletes', SHAPE, options);
  const { after, during = THROUGH_FAULT, group = 'others' } = options;

  async function one(environment: Environment, stop: AbortSignal): Promise<void> {
    const { inputs, operations, sender } = environment;
    const remove = operations.nextOf('delete');
    const write = operations.named(remove.deletes ?? '') ?? operations.nextOf('write');
    const input = inputs.input(inputs.nextIndex(), { bytes: BYTES });
    const { acknowledged: id } = await sender.send(write, input, group);
    if (!id) return;
    if (after === 'done') await sender.follow(write, input, id, group);
    else await pause(timingMs(after, environment.declared.limits), stop);
    await sender.send(remove, { ...input, id }, group);
  }

  return {
    name: 'deletes',
    needs: after === 'done' ? ['write', 'delete', 'done'] : ['write', 'delete'],
    during,
    warmup: (environment, stop) => unlessStopped(one(environment, stop), stop),
    async run(environment, stop) {
      const everyMs = timingMs(options.every, environment.declared.limits);
      while (!stop.aborted) {
        // What it began it brings to its end, also when the load is over.
        void one(environment, new AbortController().signal);
        await pause(everyMs, stop);
      }
    },
  };
}
