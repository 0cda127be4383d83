import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatMs, toMs } from './duration.ts';

describe('toMs', () => {
  it.each([
    [250, 250],
    [0, 0],
    ['250ms', 250],
    ['2s', 2000],
    ['1.5m', 90_000],
    ['1h', 3_600_000],
    [' 3s ', 3000],
  ])('%s is %i ms', (duration, ms) => {
    expect(toMs(duration)).toBe(ms);
  });

  it.each([
    '',
    '5',
    '5 s',
    's',
    '-1s',
    '1.s',
    '1d',
    'soon',
    '1s2',
    Number.NaN,
    Number.POSITIVE_INFINITY,
    -1,
  ])('%s is none, and the message says what one looks like', (given) => {
    expect(() => toMs(given)).toThrow(/is not a duration: write a number and a unit, like 250ms/);
  });
});

describe('formatMs', () => {
  it.each([
    [0, '0 ms'],
    [0.25, '0.3 ms'],
    [840.4, '840 ms'],
    [999.9, '1 s'],
    [1000, '1 s'],
    [4240, '4.2 s'],
    [120_000, '2 min'],
    [200_000, '3 min 20 s'],
    [179_900, '3 min'],
    [3_600_000, '60 min'],
  ])('%d is %s', (ms, text) => {
    expect(formatMs(ms)).toBe(text);
  });

  it('never shows 60 seconds, nor 1000 milliseconds', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e7, noNaN: true }), (ms) => {
        expect(formatMs(ms)).not.toMatch(/\b60 s|\b1000 ms/);
      }),
    );
  });
});
