/** The model's connection is reset (RST) in the middle of its answer. */
import type { Fault } from './fault.ts';
import { type ModelLink, modelFault, type RequestFilter } from './model-fault.ts';

export function resetsAfter(
  link: ModelLink,
  { tokens, ...filter }: { tokens: number } & RequestFilter,
): Fault {
  return modelFault(link, 'resetsAfter', { resetAfterTokens: tokens }, filter);
}
