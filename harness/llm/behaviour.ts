/** Where the faults look for these types; `index.ts` is the place to import them from. */
export type { Behaviour } from './rules/behaviour.ts';
export type { Rule } from './rules/rules.ts';
