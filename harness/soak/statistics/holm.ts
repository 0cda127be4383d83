/**
 * Many resources are judged at once, and each may look like a leak by chance. Holm's rule keeps the chance of
 * any false alarm among all of them below the level: the least likely is held against level / m, the next
 * against level / (m - 1), and so on until one does not hold.
 */

/** For each likelihood in turn: whether it stands. */
export function holm(likelihoods: readonly number[], level: number): boolean[] {
  const inOrder = likelihoods
    .map((likelihood, i) => ({ likelihood, i }))
    .sort((a, b) => a.likelihood - b.likelihood);
  const stands = likelihoods.map(() => false);
  for (const [rank, { likelihood, i }] of inOrder.entries()) {
    if (likelihood > level / (likelihoods.length - rank)) break;
    stands[i] = true;
  }
  return stands;
}
