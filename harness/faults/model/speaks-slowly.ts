/** The model generates so many tokens a second: its calls are open for long, and all is as it should be. */

import { z } from 'zod';
import { checkOptions, count } from '../../platform/options.ts';
import type { Fault } from '../fault.ts';
import { FILTER, type ModelLink, modelFault, type RequestFilter } from './model-fault.ts';

export interface SlowSpeechOptions extends RequestFilter {
  tokensPerSecond: number;
  /** How long its answers are; as long as it has something to say when not given. */
  tokens?: number;
}

const SHAPE = z.strictObject({
  tokensPerSecond: z.number().positive(),
  tokens: count.optional(),
  ...FILTER,
});

export function speaksSlowly(link: ModelLink, options: SlowSpeechOptions): Fault {
  checkOptions(`${link}.speaksSlowly`, SHAPE, options);
  const { tokensPerSecond, tokens, ...filter } = options;
  const behaviour = {
    tokensPerSecond,
    ...(tokens === undefined ? {} : { answerTokens: tokens }),
  };
  return modelFault(link, 'speaksSlowly', behaviour, filter);
}
