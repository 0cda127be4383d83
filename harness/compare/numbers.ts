/**
 * Which numbers of two versions differ. A difference is reported only when it is larger than what two runs of
 * the same version differ by in this session (A/A), and larger than a person would care about.
 */

import type { Pair } from './decide.ts';
import type { Measures } from './measures.ts';

export type NumberName =
  | 'health p99'
  | 'recovery'
  | 'memory growth'
  | 'descriptor growth'
  | 'thread growth'
  | 'outage';

export interface Difference {
  name: NumberName;
  unit: 'ms' | 'bytes' | 'count';
  /** Medians. */
  a: number;
  b: number;
  /** The most that two runs of one version differed by. */
  withinOneVersion: number;
}

interface Told {
  name: NumberName;
  unit: Difference['unit'];
  /** Below this, and below a fifth of the larger value, a difference is of no interest. */
  least: number;
  of(measures: Measures): number | null;
}

const NUMBERS: readonly Told[] = [
  { name: 'health p99', unit: 'ms', least: 50, of: (m) => m.healthP99Ms },
  { name: 'recovery', unit: 'ms', least: 250, of: (m) => m.recoveryMs },
  { name: 'outage', unit: 'ms', least: 500, of: (m) => m.outage.longestMs },
  { name: 'memory growth', unit: 'bytes', least: 5_000_000, of: (m) => m.rssGrowthBytes },
  { name: 'descriptor growth', unit: 'count', least: 3, of: (m) => m.fdsGrowth },
  { name: 'thread growth', unit: 'count', least: 3, of: (m) => m.threadsGrowth },
];
const LEAST_SHARE = 0.2;
/** With two runs of a version their difference says nothing about how far runs differ. */
const LEAST_RUNS = 3;

export function differences(pairs: readonly Pair[]): Difference[] {
  const clear = pairs.filter(
    ({ a, b }) => a.verdict !== 'inconclusive' && b.verdict !== 'inconclusive',
  );
  return NUMBERS.flatMap(({ name, unit, least, of }) => {
    const valuesOf = (side: 'a' | 'b'): number[] =>
      clear.flatMap((pair) => of(pair[side].measures) ?? []);
    const [a, b] = [valuesOf('a'), valuesOf('b')];
    if (a.length < LEAST_RUNS || b.length < LEAST_RUNS) return [];
    const [middleA, middleB] = [median(a), median(b)];
    const apart = Math.abs(middleA - middleB);
    const withinOneVersion = Math.max(spread(a), spread(b));
    const wanted = Math.max(least, LEAST_SHARE * Math.max(Math.abs(middleA), Math.abs(middleB)));
    if (apart <= withinOneVersion || apart < wanted) return [];
    return [{ name, unit, a: middleA, b: middleB, withinOneVersion }];
  });
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((x, y) => x - y);
  const middle = sorted.length >> 1;
  const [low = 0, high = 0] = [
    sorted[sorted.length % 2 === 0 ? middle - 1 : middle],
    sorted[middle],
  ];
  return (low + high) / 2;
}

function spread(values: readonly number[]): number {
  return Math.max(...values) - Math.min(...values);
}
