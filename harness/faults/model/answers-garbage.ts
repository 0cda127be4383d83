/** The model answers 200 with something that is not what was asked for. */

import { z } from 'zod';
import { checkOptions } from '../../platform/options.ts';
import type { Fault } from '../fault.ts';
import { FILTER, type ModelLink, modelFault, type RequestFilter } from './model-fault.ts';

export interface GarbageOptions extends RequestFilter {
  /** An HTML page, or the right envelope around prose. */
  what: 'not-json' | 'not-schema';
}

const SHAPE = z.strictObject({ what: z.enum(['not-json', 'not-schema']), ...FILTER });

export function answersGarbage(link: ModelLink, options: GarbageOptions): Fault {
  checkOptions(`${link}.answersGarbage`, SHAPE, options);
  const { what, ...filter } = options;
  return modelFault(link, `answersGarbage(${what})`, { garbage: what }, filter);
}
