/** The model sends its answer a byte now and then: no inactivity timer ever fires. */
import { type Duration, toMs } from '../platform/duration.ts';
import type { Fault } from './fault.ts';
import { type ModelLink, modelFault } from './model-fault.ts';

export function drips(link: ModelLink, { every }: { every: Duration }): Fault {
  return modelFault(link, 'drips', { dripEveryMs: toMs(every) });
}
