/**
 * How many pairs of a random order stand the wrong way round: Kendall's distribution, exact. Without a trend
 * every order of the rounds is equally likely, whatever their values and however wild their noise.
 */

const known = new Map<number, Float64Array>();

/** By number of inversions: how likely it is among all orders of `count` things. */
function distribution(count: number): Float64Array {
  if (count <= 1) return Float64Array.of(1);
  const cached = known.get(count);
  if (cached) return cached;
  const smaller = distribution(count - 1);
  const result = new Float64Array(smaller.length + count - 1);
  for (const [inversions, likelihood] of smaller.entries()) {
    for (let more = 0; more < count; more++) {
      result[inversions + more]! += likelihood / count;
    }
  }
  known.set(count, result);
  return result;
}

/** The same of several orders together, which are independent of each other. */
export function inversionsOf(counts: readonly number[]): Float64Array {
  return counts.map(distribution).reduce(convolved, Float64Array.of(1));
}

function convolved(a: Float64Array, b: Float64Array): Float64Array {
  const result = new Float64Array(a.length + b.length - 1);
  for (const [i, likelihood] of a.entries()) {
    for (const [j, other] of b.entries()) result[i + j]! += likelihood * other;
  }
  return result;
}

/** How likely at most `inversions` are. */
export function atMost(likelihoods: Float64Array, inversions: number): number {
  let sum = 0;
  for (let i = 0; i <= inversions && i < likelihoods.length; i++) sum += likelihoods[i]!;
  return Math.min(1, sum);
}
