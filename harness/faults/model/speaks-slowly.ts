/** The model generates so many tokens a second: its calls are open for long, and all is as it should be. */

import { z } from 'zod';
import { checkOptions } from '../../platform/options.ts';
import type { Fault } from '../fault.ts';
import { FILTER, type ModelLink, modelFault, type RequestFilter } from './model-fault.ts';

export interface SlowSpeechOptions extends RequestFilter {
  tokensPerSecond: number;
}

const SHAPE = z.strictObject({ tokensPerSecond: z.number().positive(), ...FILTER });

export function speaksSlowly(link: ModelLink, options: SlowSpeechOptions): Fault {
  checkOptions(`${link}.speaksSlowly`, SHAPE, options);
  const { tokensPerSecond, ...filter } = options;
  return modelFault(link, 'speaksSlowly', { tokensPerSecond }, filter);
}
