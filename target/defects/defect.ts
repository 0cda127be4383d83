/** A defect: a wrong way of building one part of the server, told apart from the healthy way. */
import type { Factories } from '../parts.ts';

export interface Defect {
  /** One sentence: what is built wrongly. */
  why: string;
  /** The factories that it replaces; `healthy` is there to build upon. */
  parts(healthy: Factories): Partial<Factories>;
}

export function defect(definition: Defect): Defect {
  return definition;
}

export function withDefect(healthy: Factories, defect: Defect | null): Factories {
  return { ...healthy, ...defect?.parts(healthy) };
}
