/** The model answers with an error status, to every request, every k-th, or marked documents only. */

import { z } from 'zod';
import { checkOptions } from '../../platform/options.ts';
import type { Fault } from '../fault.ts';
import { FILTER, type ModelLink, modelFault, type RequestFilter } from './model-fault.ts';

export interface FailsOptions extends RequestFilter {
  status: number;
  /** Seconds, as the header has them. */
  retryAfterS?: number;
}

const SHAPE = z.strictObject({
  status: z.int().min(400).max(599),
  retryAfterS: z.number().min(0).optional(),
  ...FILTER,
});

export function fails(link: ModelLink, options: FailsOptions): Fault {
  checkOptions(`${link}.fails`, SHAPE, options);
  const { status, retryAfterS, ...filter } = options;
  const behaviour = { status, ...(retryAfterS === undefined ? {} : { retryAfterS }) };
  return modelFault(link, `fails(${status})`, behaviour, filter);
}
