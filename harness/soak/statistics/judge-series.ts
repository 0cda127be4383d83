/**
 * Whether one resource leaks: does it grow with the work, round after round, beyond what noise, warmup, steps
 * and caches explain? Pure.
 */
import { upperMean } from './poisson.ts';
import {
  incrementsOf,
  lastRounds,
  pointsOf,
  type Segment,
  type Series,
  thinned,
} from './series.ts';
import {
  halves,
  LEAST_RATIO,
  MOST_OF_ONE_ROUND,
  noiseOf,
  rateOf,
  type Shape,
  shapeOf,
} from './shape.ts';
import { flipLikelihood } from './sign-flips.ts';
import { slopeOf, type Trend, trendOf } from './trend.ts';

/** How a resource is judged. All values are in its own unit. */
export interface Scale {
  /** `count`: whole things. `weight`: bytes, milliseconds. */
  kind: 'count' | 'weight';
  /** Less growth than this in all rounds together is never called a leak. */
  floor: number;
  /** So much may be hidden: what an allocator holds in reserve is taken before anything grows. */
  granule: number;
  /** `flat` must rule out leaks from this on: growth an operation, or in all rounds together. */
  smallest: { perOperation: number } | { inAll: number };
}

export interface SeriesJudgement {
  /** What must hold for `leak` besides Holm's rule over all resources. */
  grows: boolean;
  /** How likely such a rise is without a leak. */
  likelihood: number;
  /** No leak of the size that matters; never together with `grows`. */
  isFlat: boolean;
  shape: Shape;
  /** Growth an operation. */
  slope: number;
  low: number;
  /** The smallest leak that would have been seen: growth an operation. */
  bound: number;
  /** Why it is not a leak although it grew, or not flat although it did not: one reason. */
  doubt: Doubt | null;
}

export type Doubt =
  | 'not-confirmed'
  | 'not-proportional'
  | 'one-round'
  | 'one-half'
  | 'small'
  | 'chance'
  | 'too-little-work'
  | 'comes-back';

/** How often the lower limit of a slope may be wrong: that it grows at all. */
const ERROR = 0.005;
/** How often `flat` may overlook a leak of the size that it rules out. */
const BOUND_ERROR = 0.001;
/**
 * Of a path that wanders, how far it strays is no more than a measure of what it may hide. In simulation a factor
 * of 2 overlooks a leak of the size that `flat` rules out in 6 of 100 such series, 3 in 2 of 100.
 */
const STRAY_TIMES = 3;
/** Growth that wanders by chance. */
const FLIP_LEVEL = 0.01;
/** Growth must be beyond so many times what two readings at rest differ by. */
const NOISE_TIMES = 3;
/** A plateau is judged by its last rounds: half of all, and so many that their interval has an end. */
const LEAST_TAIL = 6;

export function judgeSeries(whole: Series, scale: Scale): SeriesJudgement {
  const series = thinned(whole);
  const trend = trendOf(series.segments, ERROR);
  const doubt = doubtOf(series, scale, trend);
  const bound = Math.min(boundOf(series.segments, scale), tailBound(series.segments, scale));
  const operations = operationsOf(series.segments);
  const { smallest } = scale;
  const wanted =
    'perOperation' in smallest ? smallest.perOperation : smallest.inAll / Math.max(1, operations);
  const isFlat = doubt !== null && bound < wanted;
  return {
    grows: doubt === null,
    likelihood: trend.likelihood,
    isFlat,
    shape: shapeOf(series),
    slope: trend.slope,
    low: trend.low,
    bound,
    doubt: isFlat ? null : doubt === 'small' || doubt === 'chance' ? 'too-little-work' : doubt,
  };
}

/** The first reason why this is no leak; null when there is none. */
function doubtOf(series: Series, scale: Scale, trend: Trend): Doubt | null {
  const increments = incrementsOf(series);
  const growth = increments.reduce((sum, each) => sum + each.growth, 0);
  if (growth <= Math.max(scale.floor, NOISE_TIMES * noiseOf(series))) return 'small';
  if (!(trend.low > 0) || flipLikelihood(series) > FLIP_LEVEL) return 'chance';
  if (Math.max(...increments.map((each) => each.growth)) > MOST_OF_ONE_ROUND * growth) {
    return 'one-round';
  }
  const doubled = increments.filter(({ isDouble }) => isDouble);
  const single = increments.filter(({ isDouble }) => !isDouble);
  const parts = [...halves(single), ...(doubled.length > 0 ? [doubled] : [])];
  if (parts.some((part) => rateOf(part) <= 0)) return 'one-half';
  if (doubled.length === 0) return 'not-confirmed';
  if (doubled.some(({ growth }) => growth <= 0)) return 'chance';
  return doseRatio(series) < LEAST_RATIO ? 'not-proportional' : null;
}

/**
 * Growth an operation in the rounds with twice the work, as a share of that before. 1 for a leak; a half for
 * what grows once a round whatever is done in it; less for what is filling up.
 */
export function doseRatio({ segments }: Pick<Series, 'segments'>): number {
  const parts = segments.map(({ start, rounds }) => {
    const at = rounds.findIndex(({ isDouble }) => isDouble);
    const single = at < 0 ? rounds : rounds.slice(0, at);
    return {
      single: { start, rounds: single },
      double: { start: single.at(-1)?.value ?? start, rounds: rounds.slice(single.length) },
    };
  });
  return slopeOf(parts.map(({ double }) => double)) / slopeOf(parts.map(({ single }) => single));
}

/**
 * The largest leak that these rounds leave possible, in growth an operation. For noise that is new in each round
 * the interval of the slope holds; what wanders may have come back by chance, by as much as it strayed.
 */
function boundOf(segments: readonly Segment[], { kind, granule }: Scale): number {
  const operations = Math.max(1, operationsOf(segments));
  const { slope, high } = trendOf(segments, BOUND_ERROR);
  // What falls all the time hides what grows meanwhile.
  const astray = Math.abs(slope) + (STRAY_TIMES * strayOf(segments, slope)) / operations;
  const bound = Math.max(high, astray, 0) + granule / operations;
  if (kind === 'weight') return bound;
  // One in a thousand may not happen in a thousand operations.
  const growth = incrementsOf({ segments }).reduce((sum, each) => sum + each.growth, 0);
  return Math.max(bound, upperMean(Math.max(0, Math.ceil(growth)), BOUND_ERROR) / operations);
}

/** How far the values lie apart when the slope is taken out of them: of the segment where it is most. */
function strayOf(segments: readonly Segment[], slope: number): number {
  const strays = segments.map((segment) => {
    const rest = pointsOf(segment).map(({ operations, value }) => value - slope * operations);
    return Math.max(...rest) - Math.min(...rest);
  });
  return Math.max(0, ...strays);
}

/** The same of the last rounds alone: what came before may have been warmup, or one step. */
function tailBound(segments: readonly Segment[], scale: Scale): number {
  const total = segments.reduce((sum, { rounds }) => sum + rounds.length, 0);
  const length = Math.max(LEAST_TAIL, Math.ceil(total / 2));
  return length < total ? boundOf(lastRounds(segments, length), scale) : Number.POSITIVE_INFINITY;
}

function operationsOf(segments: readonly Segment[]): number {
  return segments
    .flatMap(({ rounds }) => rounds)
    .reduce((sum, { operations }) => sum + operations, 0);
}
