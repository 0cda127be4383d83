/** The model takes a request and never answers it: no status, no header; the connection stays open. */
import type { Fault } from './fault.ts';
import { type ModelLink, modelFault, type RequestFilter } from './model-fault.ts';

export function stalls(link: ModelLink, filter: RequestFilter = {}): Fault {
  return modelFault(link, 'stalls', { holdHeaders: true }, filter);
}
