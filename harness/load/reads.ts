/**
 * Reads at a fixed rate. Bystanders are those that do not use the upstream with the fault: found out by
 * watching, in warmup, which upstreams each of them calls.
 */

import { z } from 'zod';
import type { Environment } from '../environment/environment.ts';
import type { Phase } from '../history/events.ts';
import { type Duration, toMs } from '../platform/duration.ts';
import { checkOptions, duration } from '../platform/options.ts';
import { pause, unlessStopped } from '../platform/wait.ts';
import type { Operation } from '../target/operations/operation.ts';
import { duringShape, type Load, THROUGH_FAULT } from './load.ts';

export interface RateOptions {
  every: Duration;
  during?: readonly Phase[];
}

const SHAPE = z.strictObject({ every: duration, during: duringShape.optional() });

/** All reads in turn, as part of the load: the fault may touch them. */
export function reads(options: RateOptions): Load {
  checkOptions('reads', SHAPE, options);
  const { every, during = THROUGH_FAULT } = options;
  return atRate('reads', 'load', every, during, ({ operations }) => operations.all('read'));
}

/** The reads that the fault must not touch, in turn. */
export function bystanders(options: RateOptions): Load {
  checkOptions('bystanders', SHAPE, options);
  const { every, during = THROUGH_FAULT } = options;
  return atRate('bystanders', 'others', every, during, ({ operations }) => operations.bystanders());
}

function atRate(
  name: string,
  group: string,
  every: Duration,
  during: readonly Phase[],
  choose: (environment: Environment) => readonly Operation[],
): Load {
  const send = ({ inputs, sender }: Environment, operation: Operation): Promise<unknown> =>
    sender.send(operation, inputs.input(inputs.nextIndex(), { bytes: 0 }), group);
  return {
    name,
    needs: ['read'],
    watches: true,
    during,
    async warmup(environment, stop) {
      // Each of them alone: what is called at an upstream meanwhile is called by it.
      for (const operation of environment.operations.all('read')) {
        await unlessStopped(
          environment.operations.watch(operation, () => send(environment, operation)),
          stop,
        );
      }
    },
    async run(environment, stop) {
      const everyMs = toMs(every);
      for (let turn = 0; !stop.aborted; turn++) {
        const chosen = choose(environment);
        const operation = chosen[turn % Math.max(1, chosen.length)];
        if (operation) void send(environment, operation);
        await pause(everyMs, stop);
      }
    },
  };
}
