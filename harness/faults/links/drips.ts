/** What comes back comes a few bytes at a time: no inactivity timer ever fires. Toxiproxy's `slicer`. */

import { z } from 'zod';
import { formatMs } from '../../platform/duration.ts';
import { checkOptions, count } from '../../platform/options.ts';
import { type Timing, timing, timingMs } from '../../target/timing.ts';
import type { Fault } from '../fault.ts';
import { linkFault } from './link-fault.ts';
import type { Selector } from './selector.ts';

export interface DripOptions {
  every: Timing;
  /** How many at a time; one when not given. */
  bytes?: number;
}

const SHAPE = z.strictObject({ every: timing, bytes: count.optional() });

export function dripsBytes(selector: Selector, options: DripOptions): Fault {
  checkOptions(`${selector.label}.dripsBytes`, SHAPE, options);
  const { every, bytes = 1 } = options;
  return linkFault(selector, {
    name: 'dripsBytes',
    what: ({ declared }) =>
      `what came back came ${bytes} byte by byte every ${formatMs(timingMs(every, declared.limits))}`,
    apply: (link, { declared: { limits } }) =>
      link.toxic({
        type: 'slicer',
        attributes: {
          average_size: bytes,
          size_variation: 0,
          delay: Math.round(timingMs(every, limits) * 1000),
        },
      }),
  });
}
