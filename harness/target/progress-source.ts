/** Where a target tells how much of its accepted work is open, done, and given up. */
import type { Progress } from '../history/events.ts';
import type { Address } from './endpoints.ts';

export interface ProgressSource {
  /** What it is read from, for a person: `GET /documents`. */
  readonly name: string;
  /**
   * Reads it once, straight from the target and never through a link.
   * @returns null when the target does not tell: no news is not progress.
   */
  read(target: Address, signal: AbortSignal): Promise<Progress | null>;
}
