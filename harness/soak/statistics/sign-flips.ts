/**
 * How likely so much growth in all is when each round might as well have shrunk by what it grew: exact, over
 * all ways to change signs. It holds for values that wander, where each depends on the one before and a
 * comparison of rounds with rounds sees trends that are none.
 */
import { incrementsOf, type Series, thinned } from './series.ts';

/** 2^16 ways are gone through in a few milliseconds. */
const MOST = 16;

export function flipLikelihood(series: Series): number {
  const perOperation = grouped(
    incrementsOf(thinned(series)).map(({ growth, operations }) => growth / Math.sqrt(operations)),
  );
  const total = perOperation.reduce((sum, growth) => sum + growth, 0);
  const ways = 2 ** perOperation.length;
  let asMuch = 0;
  for (let signs = 0; signs < ways; signs++) {
    let sum = 0;
    for (const [i, growth] of perOperation.entries()) sum += (signs >> i) & 1 ? -growth : growth;
    // Sums of the same numbers in another order differ in their last digits.
    if (sum >= total - 1e-9 * Math.abs(total)) asMuch++;
  }
  return asMuch / ways;
}

/** Neighbours together, until few enough are left. */
function grouped(values: readonly number[]): number[] {
  const each = Math.ceil(values.length / MOST);
  return Array.from({ length: Math.ceil(values.length / each) }, (_, i) =>
    values.slice(i * each, (i + 1) * each).reduce((sum, value) => sum + value, 0),
  );
}
