import { expect, test } from 'vitest';
import type { Pair } from './decide.ts';
import type { Measures } from './measures.ts';
import { differences, median } from './numbers.ts';
import { comparePlaces } from './places.ts';
import { hung, MEASURES, passed, runOf, standingAt, unclear } from './side-run.test-helper.ts';

const withHealth = (a: number[], b: number[]): Pair[] =>
  a.map((ms, i) => ({
    a: runOf('pass', { measures: { ...MEASURES, healthP99Ms: ms } satisfies Measures }),
    b: runOf('pass', { measures: { ...MEASURES, healthP99Ms: b[i] as number } }),
  }));

test('a difference larger than that between runs of one version is reported, with the medians', () => {
  expect(differences(withHealth([20, 22, 24], [200, 210, 240]))).toEqual([
    { name: 'health p99', unit: 'ms', a: 22, b: 210, withinOneVersion: 40 },
  ]);
});

test.each([
  ['within what one version differs by', [20, 22, 300], [200, 210, 240]],
  ['smaller than a person would care about', [20, 20, 20], [60, 60, 60]],
  ['less than a fifth', [1000, 1000, 1000], [1100, 1100, 1100]],
])('a difference that is %s is not reported', (_, a, b) => {
  expect(differences(withHealth(a, b))).toEqual([]);
});

test('two runs of a version say nothing about how far runs differ', () => {
  expect(differences(withHealth([20, 20], [900, 900]))).toEqual([]);
});

test('a run without a clear verdict, and what was not measured, are left out', () => {
  const clear = withHealth([20, 20, 20], [900, 900, 900]);
  expect(differences([...clear.slice(0, 2), { a: unclear, b: passed }])).toEqual([]);
  const none = { ...MEASURES, healthP99Ms: null };
  const unmeasured = { a: runOf('pass', { measures: none }), b: passed };
  expect(differences([...clear.slice(0, 2), unmeasured])).toEqual([]);
});

test('the median of an even number of values lies between the middle ones', () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
});

test('two versions stand at the same place when file and function are the same', () => {
  const old = standingAt('/v1/site-packages/server/worker.py', 88, 'run');
  const lower = standingAt('/v2/site-packages/server/worker.py', 91, 'run');
  const other = standingAt('/v2/site-packages/server/pool.py', 12, 'wait');
  expect(comparePlaces([old], [lower])).toEqual({
    relation: 'same',
    a: 'worker.py:88',
    b: 'worker.py:91',
  });
  expect(comparePlaces([old], [other])).toMatchObject({ relation: 'moved', b: 'pool.py:12' });
  // What most runs say counts.
  expect(comparePlaces([old], [other, lower, lower])).toMatchObject({ relation: 'same' });
  expect(comparePlaces([old], [hung])).toEqual({ relation: 'unknown', a: 'worker.py:88', b: null });
});
