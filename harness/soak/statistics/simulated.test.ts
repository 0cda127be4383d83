/** The verdicts on series as servers make them. `npm run bench:soak` does the same with more of each kind. */
import { describe, expect, it } from 'vitest';
import {
  COUNT,
  FLAT_COUNTS,
  FLAT_WEIGHTS,
  HEAP,
  leaking,
  leakingIntoArenas,
  PAGES,
  ROUND_OPERATIONS,
  soakOf,
  verdictsOf,
} from './simulated.test-helper.ts';

const SOAKS = 200;
const FEWER = 60;

describe('a server that leaks nothing', { timeout: 120_000 }, () => {
  const alarms: number[] = [];
  const check = (kind: Parameters<typeof verdictsOf>[0], scale: typeof COUNT): void => {
    const { leak } = verdictsOf(kind, scale, SOAKS);
    alarms.push(leak);
    expect(leak).toBeLessThanOrEqual(1);
  };
  it.each(Object.entries(FLAT_COUNTS))('a count: %s', (_, kind) => check(kind, COUNT));
  it.each(Object.entries(FLAT_WEIGHTS))('a heap: %s', (_, kind) => check(kind, HEAP));
  it.each(Object.entries(FLAT_WEIGHTS))('pages: %s', (_, kind) => check(kind, PAGES));

  it('is called leaking once in 200 soaks at most, of all kinds together', () => {
    const kinds = alarms.length;
    expect(kinds).toBeGreaterThan(30);
    const total = alarms.reduce((sum, each) => sum + each, 0);
    expect(total / (kinds * SOAKS)).toBeLessThanOrEqual(1 / 200);
  });
});

describe('a server that leaks', { timeout: 120_000 }, () => {
  const found = (kind: Parameters<typeof verdictsOf>[0], scale: typeof COUNT) => {
    const { flat, leak } = verdictsOf(kind, scale, FEWER);
    return { flat, share: leak / FEWER };
  };
  const calm = ['still', 'ties'];

  it.each(
    Object.entries(FLAT_COUNTS),
  )('1 in 10, or 1 a connection, beside %s: found', (_, kind) => {
    for (const each of [0.1, 1])
      expect(found(leaking(kind, each), COUNT)).toEqual({ flat: 0, share: 1 });
  });

  it.each(Object.entries(FLAT_COUNTS))('1 in 1,000 beside %s: never flat', (name, kind) => {
    const { flat, share } = found(leaking(kind, 0.001), COUNT);
    // What wanders can hide anything now and then.
    expect(flat).toBeLessThanOrEqual(name === 'wandering' ? 2 : 0);
    if (calm.includes(name)) expect(share).toBe(1);
  });

  it('1 in 1,000 by chance: flat in one soak of 100 at most, and found in most', () => {
    const { flat, leak } = verdictsOf(leaking(FLAT_COUNTS.still!, 0.001, 'chance'), COUNT, SOAKS);
    expect(flat).toBeLessThanOrEqual(SOAKS / 100);
    expect(leak).toBeGreaterThan(SOAKS / 2);
  });

  it.each(Object.entries(FLAT_WEIGHTS))('100 B and 1 kB beside %s: never flat', (name, kind) => {
    for (const bytes of [100, 1000]) {
      const heap = found(leaking(kind, bytes), HEAP);
      const pages = found(leakingIntoArenas(kind, bytes), PAGES);
      expect([heap.flat, pages.flat].every((flat) => flat <= (name === 'wandering' ? 2 : 0))).toBe(
        true,
      );
      if (calm.includes(name)) expect(heap.share).toBe(1);
      if (calm.includes(name) && bytes === 1000) expect(pages.share).toBe(1);
    }
  });
});

describe('a soak', () => {
  it('does not keep step with something periodic', () => {
    // Looked at after exactly each round, the teeth of this saw are a slow and steady rise.
    const period = 0.95 * ROUND_OPERATIONS;
    const saw = () => (operations: number) => 20e6 * ((operations / period) % 1);
    expect(soakOf(saw, 1, HEAP)).toBe('undecided');
  });

  it('comes to the same verdict each time', () => {
    const kind = leaking(FLAT_WEIGHTS.noise!, 300);
    expect(soakOf(kind, 42, HEAP)).toBe(soakOf(kind, 42, HEAP));
  });
});
