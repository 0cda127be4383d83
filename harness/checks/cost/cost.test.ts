import { expect, test } from 'vitest';
import { history } from '../../testing/history.ts';
import { judgeCheck } from '../judging/judge.ts';
import { cpuPerDoubling } from './cpu-per-doubling.ts';
import { cpuPerEventFlat } from './cpu-per-event-flat.ts';

const measured = (what: string, costs: readonly (readonly [size: number, cpuMs: number])[]) => {
  const builder = history().phase(0, 'baseline').phase(1000, 'fault');
  costs.forEach(([size, cpuMs], i) => {
    builder.at(2000 + i, { kind: 'cost', what, size, cpuMs, bytes: 0 });
  });
  return builder.build(9000);
};

test('cpu-per-doubling: linear work doubles, work over the whole buffer quadruples', () => {
  const check = cpuPerDoubling();
  const sizes = [8000, 16_000, 32_000, 64_000];
  const linear = measured(
    'an answer',
    sizes.map((size) => [size, size / 100] as const),
  );
  expect(judgeCheck(check, linear)).toMatchObject({ verdict: 'pass', measured: { value: 0 } });
  const quadratic = measured(
    'an answer',
    sizes.map((size) => [size, (size / 1000) ** 2] as const),
  );
  expect(judgeCheck(check, quadratic)).toMatchObject({ verdict: 'fail', measured: { value: 2 } });
  const free = measured(
    'an answer',
    sizes.map((size) => [size, 1] as const),
  );
  expect(judgeCheck(check, free).verdict).toBe('pass');
  expect(judgeCheck(check, measured('an answer', [])).verdict).toBe('inconclusive');
});

test('cpu-per-event-flat: the last thousand events against the first', () => {
  const check = cpuPerEventFlat();
  const events = (cpuMs: readonly number[]) =>
    measured(
      'events',
      cpuMs.map((ms) => [1000, ms] as const),
    );
  expect(judgeCheck(check, events([100, 110, 120])).verdict).toBe('pass');
  expect(judgeCheck(check, events([100, 200, 320]))).toMatchObject({
    verdict: 'fail',
    measured: { value: 2.2 },
  });
  expect(judgeCheck(check, events([100])).verdict).toBe('inconclusive');
});
