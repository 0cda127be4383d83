/** The model sends its answer a byte now and then: no inactivity timer ever fires. */

import { z } from 'zod';
import { checkOptions } from '../../platform/options.ts';
import { type Timing, timing, timingMs } from '../../target/timing.ts';
import type { Fault } from '../fault.ts';
import { type ModelLink, modelFault } from './model-fault.ts';

const SHAPE = z.strictObject({ every: timing });

export function drips(link: ModelLink, options: { every: Timing }): Fault {
  checkOptions(`${link}.drips`, SHAPE, options);
  return modelFault(link, 'drips', ({ declared }) => ({
    dripEveryMs: timingMs(options.every, declared.limits),
  }));
}
