/** The model answers 200 with something that is not what was asked for. */
import type { Fault } from './fault.ts';
import { type ModelLink, modelFault, type RequestFilter } from './model-fault.ts';

export interface GarbageOptions extends RequestFilter {
  /** An HTML page, or the right envelope around prose. */
  what: 'not-json' | 'not-schema';
}

export function answersGarbage(link: ModelLink, { what, ...filter }: GarbageOptions): Fault {
  return modelFault(link, 'answersGarbage', { garbage: what }, filter);
}
