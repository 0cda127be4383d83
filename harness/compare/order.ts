/** The order of runs: A B B A A B B A …, so that a drift of the machine weighs on both sides alike. */
import type { Side } from './side-run.ts';

/** The two sides of pair `index`, the one that runs first being first. */
export function orderOfPair(index: number): readonly [Side, Side] {
  return index % 2 === 0 ? ['a', 'b'] : ['b', 'a'];
}
