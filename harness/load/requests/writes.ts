/** Writes: at a fixed rate (open loop), or one after another as a script does that ingests. */

import { z } from 'zod';
import type { Environment } from '../../environment/environment.ts';
import type { Phase } from '../../history/events.ts';
import { checkOptions, count, range } from '../../platform/options.ts';
import { pause, unlessStopped } from '../../platform/wait.ts';
import type { RequestResult } from '../../requests/requests.ts';
import type { Need } from '../../target/needs.ts';
import { FAULT_MARKER } from '../../target/operations/input.ts';
import { type Timing, timing, timingMs } from '../../target/timing.ts';
import { duringShape, type Load, THROUGH_FAULT } from '../load.ts';
import { PAUSE_AFTER_FAILURE_MS } from '../rate.ts';
import { receiptFor } from '../watch.ts';

export interface WriteOptions {
  /** Send one each so often, whatever has become of those before. Without it: one after another. */
  every?: Timing;
  /** How many clients do that at the same time. */
  clients?: number;
  /** How many writes altogether; without it, until the last of its phases ends. */
  count?: number;
  /** Sizes are drawn between these two, where an operation can be made larger. */
  bytes?: readonly [min: number, max: number];
  during?: readonly Phase[];
  /**
   * Marks every k-th input, for a fault that is for those only. The marked ones are then the load, and all
   * the rest are `others`, which the fault must not touch.
   */
  markEvery?: number;
  /** Follows each accepted write until its work is done. */
  untilDone?: boolean;
}

/** The documents of the first report: after a few of them its server hung. */
const REPORTED_BYTES = [10_000, 20_000] as const;

const SHAPE = z.strictObject({
  every: timing.optional(),
  clients: count.optional(),
  count: count.optional(),
  bytes: range.optional(),
  during: duringShape.optional(),
  markEvery: count.optional(),
  untilDone: z.boolean().optional(),
});

export function writes(options: WriteOptions = {}): Load {
  checkOptions('writes', SHAPE, options);
  const {
    clients = 1,
    count: total,
    bytes = REPORTED_BYTES,
    during = THROUGH_FAULT,
    markEvery,
  } = options;

  function write(environment: Environment, mayMark: boolean): Promise<RequestResult> {
    const { inputs, operations, random, sender } = environment;
    const index = inputs.nextIndex();
    const operation = operations.nextOf('write', {
      sized: options.bytes !== undefined,
      followed: options.untilDone ?? false,
    });
    // What belongs to earlier work is marked where that is.
    const owner = operation.needsId ? receiptFor(environment, operation, index) : null;
    const marked = owner
      ? owner.input.sentence.includes(FAULT_MARKER)
      : mayMark && markEvery !== undefined && index % markEvery === 0;
    const size = random.fork(`size ${index}`).integer(bytes[0], bytes[1]);
    const group = markEvery === undefined || marked ? 'load' : 'others';
    const input = {
      ...inputs.input(index, { bytes: size, marked: marked && owner === null }),
      id: owner?.id ?? null,
    };
    const sent = sender.send(operation, input, group);
    if (options.untilDone) {
      void sent.then(({ acknowledged }) => {
        if (acknowledged) void sender.follow(operation, input, acknowledged, group);
      });
    }
    return sent;
  }

  return {
    name: 'writes',
    needs: needsOf(options),
    during,
    async warmup(environment, stop) {
      const round = Array.from({ length: clients }, () => write(environment, false));
      await unlessStopped(Promise.all(round), stop);
    },
    async run(environment, stop) {
      const { limits } = environment.declared;
      const pauseMs = options.every === undefined ? null : timingMs(options.every, limits);
      let left =
        total === undefined ? Number.POSITIVE_INFINITY : Math.ceil(total * environment.scale);
      const one = async (): Promise<void> => {
        while (left-- > 0 && !stop.aborted) {
          const sent = write(environment, true);
          if (pauseMs === null) {
            const failed = sent.then(async ({ outcome }) => {
              if (outcome !== 'ok') await pause(PAUSE_AFTER_FAILURE_MS, stop);
            });
            await unlessStopped(failed, stop);
          } else {
            await pause(pauseMs, stop);
          }
        }
      };
      await Promise.all(Array.from({ length: clients }, one));
    },
  };
}

function needsOf({ bytes, markEvery, untilDone }: WriteOptions): Need[] {
  const needs: Need[] = ['write'];
  if (bytes !== undefined) needs.push('sized-write');
  if (markEvery !== undefined) needs.push('marked-write');
  if (untilDone) needs.push('done');
  return needs;
}
