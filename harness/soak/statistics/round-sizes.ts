/**
 * How much work each round is, as a share of the usual amount. Rounds of exactly the same size can keep step
 * with something periodic (a cache that is emptied, a log that rotates): seen at the same distance each time,
 * a sawtooth looks like a slow, steady rise. Sizes that differ by up to a tenth break that. Their mean is 1.
 */
const SINGLE = [1, 1.1, 0.9, 1.05, 0.95, 1.1, 0.9, 1];
const DOUBLE = [2, 2.2, 1.8, 2];

/** Before it is decided: so many rounds at the least. */
export const LEAST_ROUNDS = SINGLE.length;
/** To confirm a suspicion, and where a verdict is not clear. */
export const DOUBLE_ROUNDS = DOUBLE.length;

/** @param round from 0. */
export function singleSize(round: number): number {
  return SINGLE[round % SINGLE.length] as number;
}

/** @param round from 0 to 3. */
export function doubleSize(round: number): number {
  return DOUBLE[round % DOUBLE.length] as number;
}
