/**
 * The model's answer ends in the middle: by a FIN, its connection being closed, or where its end is the end
 * of the connection. Of a call of a tool it is then the call that is cut.
 */

import { z } from 'zod';
import { checkOptions } from '../../platform/options.ts';
import type { Fault } from '../fault.ts';
import { FILTER, type ModelLink, modelFault, type RequestFilter } from './model-fault.ts';

export interface ClosesOptions extends RequestFilter {
  tokens: number;
  /** Without a length and without chunks: nothing but the content says that the answer is cut. */
  closeDelimited?: boolean;
}

const SHAPE = z.strictObject({
  tokens: z.int().min(0),
  closeDelimited: z.boolean().optional(),
  ...FILTER,
});

export function closesAfter(link: ModelLink, options: ClosesOptions): Fault {
  checkOptions(`${link}.closesAfter`, SHAPE, options);
  const { tokens, closeDelimited = false, ...filter } = options;
  const behaviour = {
    finAfterTokens: tokens,
    ...(closeDelimited ? { closeDelimited: true as const } : {}),
  };
  return modelFault(link, closeDelimited ? 'endsEarly' : 'closesAfter', behaviour, filter);
}
