/** The model begins its answer and then sends signs of life only: comments, or events without content. */

import { z } from 'zod';
import { checkOptions } from '../../platform/options.ts';
import { type Timing, timing, timingMs } from '../../target/timing.ts';
import type { Fault } from '../fault.ts';
import { FILTER, type ModelLink, modelFault, type RequestFilter } from './model-fault.ts';

export interface HeartbeatOptions extends RequestFilter {
  interval: Timing;
  /** A comment, or an event with an empty delta. */
  kind: 'comment' | 'empty-delta';
  /** How much of the answer comes before; nothing when not given. */
  tokens?: number;
}

const SHAPE = z.strictObject({
  interval: timing,
  kind: z.enum(['comment', 'empty-delta']),
  tokens: z.int().min(0).optional(),
  ...FILTER,
});

export function heartbeats(link: ModelLink, options: HeartbeatOptions): Fault {
  checkOptions(`${link}.heartbeats`, SHAPE, options);
  const { interval, kind, tokens = 0, ...filter } = options;
  return modelFault(
    link,
    kind === 'comment' ? 'heartbeats' : 'emptyDeltas',
    ({ declared }) => ({
      silentAfterTokens: tokens,
      heartbeatEveryMs: timingMs(interval, declared.limits),
      heartbeat: kind,
    }),
    filter,
  );
}
