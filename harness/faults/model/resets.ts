/** The model's connection is reset (RST) in the middle of its answer. */

import { z } from 'zod';
import { checkOptions } from '../../platform/options.ts';
import type { Fault } from '../fault.ts';
import { FILTER, type ModelLink, modelFault, type RequestFilter } from './model-fault.ts';

const SHAPE = z.strictObject({ tokens: z.int().min(0), ...FILTER });

export function resetsAfter(link: ModelLink, options: { tokens: number } & RequestFilter): Fault {
  checkOptions(`${link}.resetsAfter`, SHAPE, options);
  const { tokens, ...filter } = options;
  return modelFault(link, 'resetsAfter', { resetAfterTokens: tokens }, filter);
}
