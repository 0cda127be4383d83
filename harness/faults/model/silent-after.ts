/** The model begins its answer, and after so many tokens says nothing more; the connection stays open. */

import { z } from 'zod';
import { checkOptions } from '../../platform/options.ts';
import type { Fault } from '../fault.ts';
import { FILTER, type ModelLink, modelFault, type RequestFilter } from './model-fault.ts';

const SHAPE = z.strictObject({ tokens: z.int().min(0), ...FILTER });

export function silentAfter(link: ModelLink, options: { tokens: number } & RequestFilter): Fault {
  checkOptions(`${link}.silentAfter`, SHAPE, options);
  const { tokens, ...filter } = options;
  return modelFault(link, 'silentAfter', { silentAfterTokens: tokens }, filter);
}
