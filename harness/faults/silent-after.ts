/** The model begins its answer, and after so many tokens says nothing more; the connection stays open. */
import type { Fault } from './fault.ts';
import { type ModelLink, modelFault } from './model-fault.ts';

export function silentAfter(link: ModelLink, { tokens }: { tokens: number }): Fault {
  return modelFault(link, 'silentAfter', { silentAfterTokens: tokens });
}
