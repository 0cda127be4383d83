/** What a look inside a process brings back, to be put beside the view from outside. */
import type { Diagnosis } from './diagnosis.ts';

export interface Looked {
  /** When the look knows better than the view from outside. */
  code?: Diagnosis['code'];
  sentence?: string;
  /** False when the look that would decide could not be had. */
  isDecided?: boolean;
  where?: Diagnosis['where'];
  holder?: Diagnosis['holder'];
  evidence: string[];
  ruledOut?: Diagnosis['ruledOut'];
  frozenMs: number;
}
