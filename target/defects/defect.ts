/** A defect: a wrong way of building one or more parts of the server. */
import type { Factories } from '../parts.ts';

export interface Defect {
  /** One sentence: what is built wrong. */
  why: string;
  /** The factories that it replaces; it may build on the `healthy` ones. */
  parts(healthy: Factories): Partial<Factories>;
}

export function defect(definition: Defect): Defect {
  return definition;
}

export function withDefect(healthy: Factories, defect: Defect | null): Factories {
  return { ...healthy, ...defect?.parts(healthy) };
}
