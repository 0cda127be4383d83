import { describe, expect, it } from 'vitest';
import { atMost, inversionsOf } from './inversions.ts';
import type { Segment } from './series.ts';
import { trendOf } from './trend.ts';

const segment = (values: readonly number[], operations = 10): Segment => ({
  start: values[0] as number,
  rounds: values.slice(1).map((value) => ({ operations, value, isDouble: false })),
});

function* ordersOf(values: readonly number[]): Generator<number[]> {
  if (values.length <= 1) yield [...values];
  for (const [i, value] of values.entries()) {
    for (const rest of ordersOf(values.toSpliced(i, 1))) yield [value, ...rest];
  }
}

describe('how many pairs stand the wrong way round', () => {
  it('is counted over all orders of four', () => {
    const all = [...inversionsOf([4])].map((likelihood) => Math.round(likelihood * 24));
    expect(all).toEqual([1, 3, 5, 6, 5, 3, 1]);
  });

  it('adds up over orders that are independent', () => {
    const all = [...inversionsOf([2, 2])].map((likelihood) => likelihood * 4);
    expect(all).toEqual([1, 2, 1]);
    expect(atMost(inversionsOf([8]), 0)).toBeCloseTo(1 / 40_320, 12);
  });
});

describe('the slope of a series', () => {
  it('is the growth an operation, whatever one wild round says', () => {
    const { slope, low, high } = trendOf(
      [segment([0, 20, 40, 60, 9000, 100, 120, 140, 160])],
      0.01,
    );
    expect(slope).toBe(2);
    expect(low).toBeLessThanOrEqual(2);
    expect(high).toBeGreaterThanOrEqual(2);
  });

  it('has limits that are wrong as often as was asked for, over all orders of seven rounds', () => {
    const error = 0.01;
    const orders = [...ordersOf([3, 10, 11, 17, 18, 40, 41])];
    const above = orders.filter((order) => trendOf([segment(order)], error).low > 0).length;
    const below = orders.filter((order) => trendOf([segment(order)], error).high < 0).length;
    expect(above / orders.length).toBeLessThanOrEqual(error);
    expect(above).toBe(below);
    // The exact share of the most rising orders that still fit into the error.
    const likelihoods = inversionsOf([7]);
    const fitting = [...likelihoods.keys()].findLast((n) => atMost(likelihoods, n) <= error) ?? -1;
    expect(above / orders.length).toBeCloseTo(atMost(likelihoods, fitting), 10);
  });

  it('has no limits where the rounds are too few to say anything', () => {
    expect(trendOf([segment([1, 2, 3])], 0.005).low).toBe(Number.NEGATIVE_INFINITY);
  });

  it('compares rounds of one process only', () => {
    const before = segment([500, 510, 520, 530]);
    const after = segment([10, 20, 30, 40]);
    const { slope, likelihood } = trendOf([before, after], 0.01);
    expect(slope).toBe(1);
    expect(likelihood).toBeCloseTo(1 / 24 / 24, 10);
  });

  it('takes equal rounds for no rise', () => {
    const { slope, likelihood } = trendOf([segment([5, 5, 5, 5, 5])], 0.01);
    expect(slope).toBe(0);
    expect(likelihood).toBeCloseTo(1, 10);
  });
});
