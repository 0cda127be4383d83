import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hash32, random } from './random.ts';

const draws = (seed: number, count = 20): number[] => {
  const source = random(seed);
  return Array.from({ length: count }, () => source.next());
};

describe('random', () => {
  it('draws the same for the same seed, and something else for another', () => {
    expect(draws(7)).toEqual(draws(7));
    expect(draws(7)).not.toEqual(draws(8));
  });

  it('draws what it has always drawn, so that an old seed replays an old run', () => {
    expect(draws(1, 3).map((value) => value.toFixed(6))).toEqual([
      '0.627074',
      '0.002736',
      '0.527447',
    ]);
  });

  it('is uniform enough: each tenth of the range gets its share', () => {
    const tenths = new Array(10).fill(0);
    for (const value of draws(3, 10_000)) tenths[Math.floor(value * 10)]++;
    for (const count of tenths) expect(count).toBeGreaterThan(850);
    for (const count of tenths) expect(count).toBeLessThan(1150);
  });

  it('draws integers between both bounds, and reaches them', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: -50, max: 50 }),
        fc.nat(5),
        (seed, min, width) => {
          const source = random(seed);
          const seen = new Set(Array.from({ length: 200 }, () => source.integer(min, min + width)));
          expect([...seen].toSorted((a, b) => a - b)).toEqual(
            Array.from({ length: width + 1 }, (_, i) => min + i),
          );
        },
      ),
    );
  });

  it('forks by purpose: what one part draws never shifts another', () => {
    const first = random(5);
    const untouched = first.fork('sizes').next();
    const second = random(5);
    second.next();
    second.fork('documents').next();
    expect(second.fork('sizes').next()).toBe(untouched);
    expect(random(5).fork('documents').next()).not.toBe(untouched);
    expect(random(6).fork('sizes').next()).not.toBe(untouched);
  });
});

// The reference values of FNV-1a with 32 bits.
it.each([
  ['', 0x811c9dc5],
  ['a', 0xe40c292c],
  ['foobar', 0xbf9cf968],
])('hash32 of "%s"', (text, hash) => {
  expect(hash32(text)).toBe(hash);
});
