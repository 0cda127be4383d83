/** The model sends its answer a byte now and then: no inactivity timer ever fires. */

import { z } from 'zod';
import { type Duration, toMs } from '../platform/duration.ts';
import { checkOptions, duration } from '../platform/options.ts';
import type { Fault } from './fault.ts';
import { type ModelLink, modelFault } from './model-fault.ts';

const SHAPE = z.strictObject({ every: duration });

export function drips(link: ModelLink, options: { every: Duration }): Fault {
  checkOptions(`${link}.drips`, SHAPE, options);
  return modelFault(link, 'drips', () => ({ dripEveryMs: toMs(options.every) }));
}
