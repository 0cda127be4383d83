/** The model takes a request and never answers it: no status, no header; the connection stays open. */

import { z } from 'zod';
import { checkOptions } from '../../platform/options.ts';
import type { Fault } from '../fault.ts';
import { FILTER, type ModelLink, modelFault, type RequestFilter } from './model-fault.ts';

const SHAPE = z.strictObject(FILTER);

export function stalls(link: ModelLink, filter: RequestFilter = {}): Fault {
  checkOptions(`${link}.stalls`, SHAPE, filter);
  return modelFault(link, 'stalls', { holdHeaders: true }, filter);
}
