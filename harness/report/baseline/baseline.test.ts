import { describe, expect, test } from 'vitest';
import { entry, finding } from '../../testing/entries.ts';
import type { Ran } from '../run-json.ts';
import { type Baseline, baselineText, EMPTY, parseBaseline, withRuns } from './baseline.ts';
import { differenceText } from './baseline-words.ts';
import { compareWithBaseline } from './compare-baseline.ts';

const ms = (value: number) => ({ value, unit: 'ms' });

/** A run whose health check measured so many milliseconds. */
function run(value: number, verdict: 'pass' | 'fail' | 'inconclusive' = 'pass', limit = 250): Ran {
  const findings = [finding({ check: 'health', verdict, measured: ms(value), limit: ms(limit) })];
  return entry({ defect: null, verdict, findings });
}

const baselineOf = (...runs: Ran[]): Baseline => withRuns(EMPTY, runs);
const told = (baseline: Baseline, ...runs: Ran[]): string[] =>
  compareWithBaseline(baseline, runs).map(differenceText);

describe('the file', () => {
  test('comes back as it was written, one scenario a line', () => {
    const baseline = baselineOf(run(10), run(12), run(11, 'fail'));
    const text = baselineText(baseline);
    expect(parseBaseline(text)).toEqual(baseline);
    expect(text.split('\n')).toHaveLength(7);
    expect(baseline.scenarios[0]).toEqual({
      ...{ name: 'upload-burst', variant: null, verdicts: ['pass', 'pass', 'fail'] },
      numbers: { health: { unit: 'ms', limit: 250, values: [10, 12, 11] } },
    });
  });

  test('keeps the last ten runs, and stays small for every scenario there is', () => {
    const many = Array.from({ length: 40 }, (_, scenario) =>
      Array.from({ length: 25 }, (_, i) => ({ ...run(i), name: `scenario-${scenario}` })),
    ).flat();
    const baseline = withRuns(EMPTY, many);
    expect(baseline.scenarios[0]?.numbers.health?.values).toEqual([
      15, 16, 17, 18, 19, 20, 21, 22, 23, 24,
    ]);
    expect(baselineText(baseline).length).toBeLessThan(20_000);
  });

  test('an inconclusive run is left out', () => {
    expect(baselineOf(run(10, 'inconclusive'))).toEqual(EMPTY);
  });

  test('a limit that has changed begins anew', () => {
    const baseline = withRuns(baselineOf(run(10), run(11)), [run(12, 'pass', 500)]);
    expect(baseline.scenarios[0]?.numbers.health).toEqual({ unit: 'ms', limit: 500, values: [12] });
  });

  test.each([
    ['nothing', '', 'it is no JSON'],
    ['another file', '{"schema":"hanglab.run/1","scenarios":[]}', 'it is no baseline'],
    ['a broken scenario', '{"schema":"hanglab.baseline/1","scenarios":[{"name":1}]}', 'a scenario'],
    [
      'a value that is no number',
      '{"schema":"hanglab.baseline/1","scenarios":[{"name":"a","verdicts":[],"numbers":{"x":{"values":["1"]}}}]}',
      'a scenario',
    ],
  ])('%s is refused, with what was expected', (_what, text, problem) => {
    expect(parseBaseline(text)).toContain(problem);
  });
});

describe('against it', () => {
  const steady = baselineOf(run(100), run(104), run(98));

  test('what is as before is not mentioned', () => {
    expect(told(steady, run(101))).toEqual([]);
    // Outside of the interval, and still noise.
    expect(told(steady, run(140))).toEqual([]);
    expect(told(steady, run(70))).toEqual([]);
  });

  test('a number that leaves the interval by more than noise is', () => {
    expect(told(steady, run(190))).toEqual([
      'upload-burst: health is higher: 190 ms, 3 runs before 98 ms to 104 ms',
    ]);
    expect(told(steady, run(20))).toEqual([
      'upload-burst: health is lower: 20 ms, 3 runs before 98 ms to 104 ms',
    ]);
  });

  test('of several runs the median counts: one outlier is none', () => {
    expect(told(steady, run(100), run(900), run(105))).toEqual([]);
  });

  test('two runs are no interval', () => {
    expect(told(baselineOf(run(100), run(104)), run(900))).toEqual([]);
  });

  test('a verdict that always was another', () => {
    expect(told(steady, run(100, 'fail'))).toEqual([
      'upload-burst: broken: it always passed before',
    ]);
    expect(told(steady, run(100), run(100, 'fail'))).toEqual([
      'upload-burst: broken: it always passed before',
    ]);
    const failing = baselineOf(run(100, 'fail'));
    expect(told(failing, run(100))).toEqual(['upload-burst: fixed: it always failed before']);
    expect(told(failing, run(100, 'fail'))).toEqual([]);
    expect(told(steady, run(100, 'inconclusive'))).toEqual([]);
  });

  test('a verdict that came and went', () => {
    const mixed = baselineOf(run(100), run(100, 'fail'));
    expect(told(mixed, run(100, 'fail'))).toEqual([
      'upload-burst: failed, as it did in some of the runs before',
    ]);
    expect(told(mixed, run(100))).toEqual([]);
  });

  test('another variant is another scenario', () => {
    expect(told(steady, { ...run(100), defect: 'longer-timeout' })).toEqual([
      'upload-burst + longer-timeout: not in the baseline',
    ]);
  });

  test('under another limit nothing is compared', () => {
    expect(told(steady, run(900, 'pass', 1000))).toEqual([
      'upload-burst: health has another limit than in the baseline, so it is not compared',
    ]);
  });

  test('a check may have any name of an object', () => {
    const odd = { ...run(1), name: '__proto__' };
    expect(told(baselineOf(odd), { ...odd, verdict: 'fail' })).toEqual([
      '__proto__: broken: it always passed before',
    ]);
  });
});
