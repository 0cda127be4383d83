/** Parts of a scenario that are left out where the target does not offer what they need. */
import type { Need } from '../target/needs.ts';

export interface Part {
  readonly needs: readonly Need[];
  /** Left out, instead of the whole scenario, where the target does not offer what it needs. */
  readonly ifOffered?: boolean;
}

/** Makes a load, a fault or a check one that is left out where the target does not offer what it needs. */
export function ifOffered<T extends Part>(part: T): T {
  // What was named and not called is reported by `scenario`.
  return typeof part === 'object' ? { ...part, ifOffered: true } : part;
}

/** The needs of the parts that are not left out. */
export function needsOf(parts: readonly Part[]): Need[] {
  return parts.flatMap((part) => (part.ifOffered ? [] : part.needs));
}
