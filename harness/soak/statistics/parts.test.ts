import { describe, expect, it } from 'vitest';
import { holm } from './holm.ts';
import { upperMean } from './poisson.ts';
import { incrementsOf, lastRounds, type Series, thinned } from './series.ts';
import { shapeOf } from './shape.ts';
import { flipLikelihood } from './sign-flips.ts';

const seriesOf = (values: readonly number[], idle: readonly number[] = []): Series => ({
  idle,
  segments: [
    {
      start: values[0] as number,
      rounds: values.slice(1).map((value) => ({ operations: 100, value, isDouble: false })),
    },
  ],
});

describe("Holm's rule", () => {
  it('holds each likelihood against what is left of the level, and stops at the first that fails', () => {
    expect(holm([0.04, 0.001, 0.02], 0.06)).toEqual([true, true, true]);
    expect(holm([0.04, 0.001, 0.035], 0.06)).toEqual([false, true, false]);
    expect(holm([0.02], 0.01)).toEqual([false]);
  });
});

describe('the limit of what was not seen', () => {
  it('is where seeing no more has the probability of the error', () => {
    expect(upperMean(0, 0.001)).toBeCloseTo(-Math.log(0.001), 3);
    const mean = upperMean(2, 0.005);
    expect(Math.exp(-mean) * (1 + mean + mean ** 2 / 2)).toBeCloseTo(0.005, 5);
  });
});

describe('growth that wanders', () => {
  it('is as likely as the share of sign changes that come to as much', () => {
    expect(flipLikelihood(seriesOf([0, 1, 3, 6]))).toBe(1 / 8);
    expect(flipLikelihood(seriesOf([0, 1, 0, 1, 0]))).toBe(11 / 16);
  });
});

describe('a series', () => {
  const two: Series = {
    idle: [],
    segments: [
      { start: 0, rounds: [1, 3].map((value) => ({ operations: 10, value, isDouble: false })) },
      { start: 50, rounds: [55, 60].map((value) => ({ operations: 10, value, isDouble: true })) },
    ],
  };

  it('does not count the start of another process as growth', () => {
    expect(incrementsOf(two).map(({ growth }) => growth)).toEqual([1, 2, 5, 5]);
  });

  it('keeps with its last rounds the value that they began with', () => {
    expect(lastRounds(two.segments, 3)).toEqual([
      { start: 1, rounds: [{ operations: 10, value: 3, isDouble: false }] },
      two.segments[1],
    ]);
  });

  it('that is long keeps its work and its growth when neighbours are taken together', () => {
    const long = seriesOf(Array.from({ length: 1001 }, (_, i) => 3 * i));
    const short = thinned(long);
    const [before, after] = [long, short].map((series) => incrementsOf(series));
    expect(after!.length).toBeLessThanOrEqual(96);
    for (const of of ['growth', 'operations'] as const) {
      const sum = (all: typeof before) => all!.reduce((total, each) => total + each[of], 0);
      expect(sum(after)).toBe(sum(before));
    }
  });
});

describe('the shape of a series', () => {
  it.each([
    ['still', [5, 5, 5, 5, 5, 5, 5, 5, 5]],
    ['steady', [0, 10, 20, 30, 41, 50, 60, 70, 80]],
    ['slowing', [0, 40, 60, 73, 82, 88, 93, 97, 99]],
    ['step', [5, 5, 6, 5, 30, 30, 31, 30, 31]],
    ['plateau', [2, 14, 25, 32, 32, 32, 32, 32, 32]],
    ['sawtooth', [0, 10, 20, 30, 5, 15, 25, 4, 14]],
    ['noise', [4, 9, 2, 8, 1, 9, 3, 8, 2]],
  ] as const)('%s', (shape, values) => {
    expect(shapeOf(seriesOf(values))).toBe(shape);
  });

  it('is still where it moves no more than two readings at rest do', () => {
    expect(shapeOf(seriesOf([100, 103, 99, 101], [100, 105, 99]))).toBe('still');
    expect(shapeOf(seriesOf([100, 103, 99, 101], [100, 101, 100]))).not.toBe('still');
  });
});
