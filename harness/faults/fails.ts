/** The model answers with an error status, to every request, every k-th, or marked documents only. */
import type { Fault } from './fault.ts';
import { type ModelLink, modelFault, type RequestFilter } from './model-fault.ts';

export interface FailsOptions extends RequestFilter {
  status: number;
  /** Seconds, as the header has them. */
  retryAfterS?: number;
}

export function fails(link: ModelLink, { status, retryAfterS, ...filter }: FailsOptions): Fault {
  const behaviour = { status, ...(retryAfterS === undefined ? {} : { retryAfterS }) };
  return modelFault(link, 'fails', behaviour, filter);
}
