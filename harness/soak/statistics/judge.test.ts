import { describe, expect, it } from 'vitest';
import { doseRatio, judgeSeries } from './judge-series.ts';
import { judgeSoak, overall } from './judge-soak.ts';
import type { Series } from './series.ts';
import { COUNT, HEAP } from './simulated.test-helper.ts';

const OPERATIONS = 2000;

/** @param doubled values after the rounds with twice the work. */
const seriesOf = (values: readonly number[], doubled: readonly number[] = []): Series => ({
  idle: [values[0]!, values[0]!],
  segments: [
    {
      start: values[0]!,
      rounds: [
        ...values.slice(1).map((value) => ({ operations: OPERATIONS, value, isDouble: false })),
        ...doubled.map((value) => ({ operations: 2 * OPERATIONS, value, isDouble: true })),
      ],
    },
  ],
});
const from = (start: number, step: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => start + i * step);
const verdictOf = (series: Series, scale = COUNT) =>
  judgeSoak(new Map([['it', { series, scale }]])).get('it')!;

describe('a count', () => {
  it('that grows with the work, and twice as much with twice the work, is a leak', () => {
    const leak = verdictOf(seriesOf(from(10, 200, 9), from(2010, 400, 4)));
    expect(leak).toMatchObject({ verdict: 'leak', shape: 'steady', slope: 0.1, doubt: null });
  });

  it('is not called a leak before more work has confirmed it', () => {
    expect(verdictOf(seriesOf(from(10, 200, 9)))).toMatchObject({
      verdict: 'undecided',
      doubt: 'not-confirmed',
    });
  });

  it('that grows once a round, whatever is done in it, is undecided', () => {
    const series = seriesOf(from(10, 7, 9), from(73, 7, 4));
    expect(doseRatio(series)).toBe(0.5);
    expect(verdictOf(series)).toMatchObject({ verdict: 'undecided', doubt: 'not-proportional' });
  });

  it('that does not move is flat, with a bound that one leak more would have passed', () => {
    const { verdict, bound } = verdictOf(seriesOf(from(12, 0, 9)));
    expect(verdict).toBe('flat');
    expect(bound).toBeCloseTo(Math.log(1000) / (8 * OPERATIONS), 6);
  });

  it('that grew to a plateau and stayed is flat', () => {
    const pool = [2, 20, 32, 32, 32, 32, 32, 32, 32];
    expect(verdictOf(seriesOf(pool))).toMatchObject({ verdict: 'flat', shape: 'plateau' });
  });

  it('that made one step and then stayed is flat, and the step is named', () => {
    const step = seriesOf([5, 5, 5, 5, 5, 5, 95, 95, 95], [95, 95, 95, 95]);
    expect(verdictOf(step)).toMatchObject({ verdict: 'flat', shape: 'step' });
  });

  it('that made one large step at the end is undecided', () => {
    const step = seriesOf([5, 6, 7, 8, 9, 10, 11, 12, 13], [15, 17, 97, 99]);
    expect(verdictOf(step)).toMatchObject({ verdict: 'undecided', doubt: 'one-round' });
  });

  it('of too little work is undecided although it does not move', () => {
    const few: Series = {
      idle: [],
      segments: [
        {
          start: 5,
          rounds: from(0, 0, 8).map(() => ({ operations: 20, value: 5, isDouble: false })),
        },
      ],
    };
    expect(verdictOf(few)).toMatchObject({ verdict: 'undecided', doubt: 'too-little-work' });
  });
});

describe('a weight', () => {
  it('below its floor is no leak', () => {
    const grows = seriesOf(from(0, 1000, 9), from(10_000, 2000, 4));
    expect(judgeSeries(grows, HEAP).grows).toBe(false);
    expect(judgeSeries(grows, { ...HEAP, floor: 0 }).grows).toBe(true);
  });

  it('within the noise of readings at rest is no leak', () => {
    const grows = seriesOf(from(0, 50_000, 9), from(500_000, 100_000, 4));
    expect(judgeSeries(grows, HEAP).grows).toBe(true);
    expect(judgeSeries({ ...grows, idle: [0, 400_000] }, HEAP).grows).toBe(false);
  });

  it('that falls all the time is not flat: something may grow behind it', () => {
    expect(verdictOf(seriesOf(from(9e6, -250_000, 9)), HEAP).verdict).toBe('undecided');
  });
});

describe('all resources together', () => {
  it('leak when one does, and are flat when all are', () => {
    expect(overall(['flat', 'leak', 'undecided'])).toBe('leak');
    expect(overall(['flat', 'undecided'])).toBe('undecided');
    expect(overall(['flat', 'flat'])).toBe('flat');
    expect(overall([])).toBe('undecided');
  });

  it('need more of each the more they are', () => {
    // Rises as steadily as this once in 150,000 by chance.
    const noisy = [7, 14, 27, 29, 25, 26, 26, 32, 41, 48, 52, 58, 61].map((value) => value * 1e5);
    const rising = { series: seriesOf(noisy.slice(0, 9), noisy.slice(9)), scale: HEAP };
    const still = { series: seriesOf(from(5, 0, 9)), scale: COUNT };
    const verdictAmong = (others: number) => {
      const all = Array.from({ length: others }, (_, i) => [`other ${i}`, still] as const);
      return judgeSoak(new Map([['rising', rising], ...all])).get('rising')?.verdict;
    };
    expect(verdictAmong(10)).toBe('leak');
    expect(verdictAmong(3000)).toBe('undecided');
  });
});
