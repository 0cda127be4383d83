/** How often something may happen that was seen so and so often: the exact upper limit of a Poisson mean. */

/** The mean at which `seen` or fewer events have the probability `error`: 5.3 for none at 0.005. */
export function upperMean(seen: number, error: number): number {
  let [low, high] = [0, 10 + 3 * seen];
  while (high - low > 1e-6 * high) {
    const middle = (low + high) / 2;
    if (atMost(seen, middle) > error) low = middle;
    else high = middle;
  }
  return high;
}

function atMost(seen: number, mean: number): number {
  let term = Math.exp(-mean);
  let sum = term;
  for (let i = 1; i <= seen; i++) {
    term *= mean / i;
    sum += term;
  }
  return sum;
}
