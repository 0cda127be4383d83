/**
 * Reads at a fixed rate. Bystanders are those that do not use the upstream with the fault: found out by
 * watching, in warmup, which upstreams each of them calls.
 */

import { z } from 'zod';
import type { Environment } from '../../environment/environment.ts';
import type { Phase } from '../../history/events.ts';
import { checkOptions } from '../../platform/options.ts';
import type { Operation } from '../../target/operations/operation.ts';
import { type Timing, timing, timingMs } from '../../target/timing.ts';
import { duringShape, type Load, THROUGH_FAULT } from '../load.ts';
import { atRate } from '../rate.ts';
import { watchOperations } from '../watch.ts';

export interface RateOptions {
  every: Timing;
  during?: readonly Phase[];
}

const SHAPE = z.strictObject({ every: timing, during: duringShape.optional() });

/** All reads in turn, as part of the load: the fault may touch them. */
export function reads(options: RateOptions): Load {
  checkOptions('reads', SHAPE, options);
  return readsAtRate('reads', 'load', options, ({ operations }) => operations.all('read'));
}

/** The reads that the fault must not touch, in turn. */
export function bystanders(options: RateOptions): Load {
  checkOptions('bystanders', SHAPE, options);
  return readsAtRate('bystanders', 'others', options, ({ operations }) => operations.bystanders());
}

function readsAtRate(
  name: string,
  group: string,
  { every, during = THROUGH_FAULT }: RateOptions,
  choose: (environment: Environment) => readonly Operation[],
): Load {
  return {
    name,
    needs: ['read'],
    watches: true,
    during,
    warmup: (environment, stop) => watchOperations(environment, ['read'], group, stop),
    run: (environment, stop) =>
      atRate(
        { environment, group, stop, choose: () => choose(environment) },
        timingMs(every, environment.declared.limits),
      ),
  };
}
