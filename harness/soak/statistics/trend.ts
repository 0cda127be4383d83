/**
 * The slope of a series (Theil and Sen: the median over all pairs of rounds), its exact interval by permutation
 * of the rounds, and how likely such a rise would be without a leak. Only rounds of the same process make a
 * pair. No distribution is assumed; one wild round moves nothing.
 */
import { atMost, inversionsOf } from './inversions.ts';
import { pointsOf, type Segment } from './series.ts';

export interface Trend {
  /** Growth an operation. */
  slope: number;
  /** One-sided limits of the slope, each wrong with the probability that was asked for. */
  low: number;
  high: number;
  /** How likely a rise as steady as this is when nothing leaks. Pairs of equal rounds speak against a rise. */
  likelihood: number;
}

/** @param error with which each limit may be wrong. */
export function trendOf(segments: readonly Segment[], error: number): Trend {
  const slopes = slopesOf(segments);
  const likelihoods = inversionsOf(segments.map(({ rounds }) => rounds.length + 1));
  const notRising = slopes.filter((slope) => slope <= 0).length;
  // So many of the least (and of the greatest) slopes lie outside of the interval.
  let outside = 0;
  while (outside < slopes.length && atMost(likelihoods, outside) <= error) outside++;
  return {
    slope: medianOf(slopes),
    low: outside === 0 ? Number.NEGATIVE_INFINITY : (slopes[outside - 1] ?? 0),
    high: outside === 0 ? Number.POSITIVE_INFINITY : (slopes[slopes.length - outside] ?? 0),
    likelihood: atMost(likelihoods, notRising),
  };
}

/** The median over all pairs of rounds. */
export function slopeOf(segments: readonly Segment[]): number {
  return medianOf(slopesOf(segments));
}

/** Of each pair of rounds, in ascending order. */
function slopesOf(segments: readonly Segment[]): number[] {
  const slopes = segments.flatMap((segment) => {
    const points = pointsOf(segment);
    return points.flatMap((from, i) =>
      points
        .slice(i + 1)
        .map((to) => (to.value - from.value) / Math.max(1, to.operations - from.operations)),
    );
  });
  return slopes.sort((a, b) => a - b);
}

/** Of values in ascending order; 0 of none. */
function medianOf(sorted: readonly number[]): number {
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}
