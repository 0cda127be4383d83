/** How a series goes, in a word: what is said of growth that is no leak, or not yet known to be one. */
import { type Increment, incrementsOf, type Series } from './series.ts';

export const SHAPES = [
  'still',
  'steady',
  'slowing',
  'step',
  'plateau',
  'sawtooth',
  'noise',
] as const;
export type Shape = (typeof SHAPES)[number];

/** One round has made more than this share of all growth. */
export const MOST_OF_ONE_ROUND = 0.5;
/**
 * A leak grows with the work; what later grows at less than this share of its first rate is slowing down. What
 * grows with the logarithm of the work comes to 0.4 at most, with its square root to 0.6.
 */
export const LEAST_RATIO = 0.8;
/** Of all movement, up and down. */
const NEARLY_ALL = 0.8;
/** What rises and falls by this often as much as is left in the end. */
const BACK_AND_FORTH = 3;

export function shapeOf(series: Series): Shape {
  const increments = incrementsOf(series);
  const noise = noiseOf(series);
  const movements = increments.map(({ growth }) => Math.abs(growth));
  const moved = sum(movements);
  if (movements.every((movement) => movement <= noise)) return 'still';
  const growth = sum(increments.map((each) => each.growth));
  const [first, second] = halves(increments).map(rateOf) as [number, number];
  const largest = Math.max(...increments.map((each) => each.growth));
  const quiet = halves(increments)[1].every((each) => Math.abs(each.growth) <= noise);
  if (growth > 0 && largest > NEARLY_ALL * moved) return 'step';
  if (growth > 0 && quiet) return 'plateau';
  if (moved >= BACK_AND_FORTH * Math.max(growth, 0)) {
    return hasTeeth(increments) ? 'sawtooth' : 'noise';
  }
  if (first > 0 && second < LEAST_RATIO * first) return 'slowing';
  return first > 0 && second > 0 ? 'steady' : 'noise';
}

/** What the same reading differs by when nothing is done between. */
export function noiseOf({ idle }: Pick<Series, 'idle'>): number {
  return idle.slice(1).reduce((most, value, i) => Math.max(most, Math.abs(value - idle[i]!)), 0);
}

/** The first and the second half of the rounds. */
export function halves(increments: readonly Increment[]): [Increment[], Increment[]] {
  const middle = Math.ceil(increments.length / 2);
  return [increments.slice(0, middle), increments.slice(middle)];
}

/** Growth an operation. */
export function rateOf(increments: readonly Increment[]): number {
  const operations = sum(increments.map((each) => each.operations));
  return sum(increments.map(({ growth }) => growth)) / Math.max(1, operations);
}

/** Few large falls between many rises, or the other way round. */
function hasTeeth(increments: readonly Increment[]): boolean {
  const falls = increments.filter(({ growth }) => growth < 0);
  const rises = increments.filter(({ growth }) => growth > 0);
  return falls.length > 0 && rises.length >= 2 * falls.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
