/** The model begins its answer, and after so many tokens says nothing more; the connection stays open. */

import { z } from 'zod';
import { checkOptions } from '../platform/options.ts';
import type { Fault } from './fault.ts';
import { type ModelLink, modelFault } from './model-fault.ts';

const SHAPE = z.strictObject({ tokens: z.int().min(0) });

export function silentAfter(link: ModelLink, options: { tokens: number }): Fault {
  checkOptions(`${link}.silentAfter`, SHAPE, options);
  return modelFault(link, 'silentAfter', { silentAfterTokens: options.tokens });
}
