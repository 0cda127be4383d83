/** Everything that comes back over a link arrives later: Toxiproxy's `latency`. */

import { z } from 'zod';
import { formatMs } from '../../platform/duration.ts';
import { checkOptions } from '../../platform/options.ts';
import { type Timing, timing, timingMs } from '../../target/timing.ts';
import type { Fault } from '../fault.ts';
import { linkFault } from './link-fault.ts';
import type { Selector } from './selector.ts';

export interface LatencyOptions {
  by: Timing;
  jitter?: Timing;
}

const SHAPE = z.strictObject({ by: timing, jitter: timing.optional() });

export function latency(selector: Selector, options: LatencyOptions): Fault {
  checkOptions(`${selector.label}.latency`, SHAPE, options);
  const { by, jitter = 0 } = options;
  return linkFault(selector, {
    name: 'latency',
    what: ({ declared }) => `${formatMs(timingMs(by, declared.limits))} added to what came back`,
    apply: (link, { declared: { limits } }) =>
      link.toxic({
        type: 'latency',
        attributes: {
          latency: Math.round(timingMs(by, limits)),
          jitter: Math.round(timingMs(jitter, limits)),
        },
      }),
  });
}
