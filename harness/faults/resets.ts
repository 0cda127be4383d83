/** The model's connection is reset (RST) in the middle of its answer. */
import type { Fault } from './fault.ts';
import { type ModelLink, modelFault, type Whom, whenOf } from './model-fault.ts';

export function resetsAfter(
  link: ModelLink,
  { tokens, ...whom }: { tokens: number } & Whom,
): Fault {
  return modelFault(link, 'resetsAfter', { resetAfterTokens: tokens }, whenOf(whom));
}
