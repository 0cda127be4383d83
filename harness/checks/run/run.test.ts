import { expect, test } from 'vitest';
import { history } from '../../testing/history.ts';
import { judgeCheck } from '../judging/judge.ts';
import { faultFired } from './fault-fired.ts';
import { harnessTrusted } from './harness-trusted.ts';

const started = () => history().phase(0, 'baseline').health(0, 20_000, 2);

test('fault-fired: a fault that no request met proves nothing', () => {
  const check = faultFired(['llm.latency']);
  const through = () => started().phase(1000, 'fault').phase(3000, 'recovery');
  const met = { fault: 'llm.latency', event: 'took-effect', detail: '316 ms' } as const;
  expect(
    judgeCheck(
      check,
      through()
        .at(2900, { kind: 'fault', ...met })
        .build(5000),
    ).verdict,
  ).toBe('pass');
  expect(judgeCheck(check, through().build(5000))).toMatchObject({
    verdict: 'inconclusive',
    message: 'llm.latency had no effect: no request of the target met it',
  });
  expect(judgeCheck(check, started().build(5000, false)).verdict).toBe('not-reached');
});

test('fault-fired: without faults the load of the fault phase is the stress, and must have been sent', () => {
  const burst = started().phase(1000, 'fault');
  expect(judgeCheck(faultFired([]), burst.build(5000)).verdict).toBe('inconclusive');
  expect(judgeCheck(faultFired([]), burst.request(1500, 100).build(5000)).verdict).toBe('pass');
});

test("harness-trusted: hanglab's own trouble and a starved machine are inconclusive, never a finding", () => {
  const check = harnessTrusted();
  const trouble = { kind: 'harness-trouble', part: 'toxiproxy', message: 'no answer' } as const;
  expect(judgeCheck(check, started().build(5000)).verdict).toBe('pass');
  expect(judgeCheck(check, started().at(100, trouble).build(5000)).verdict).toBe('inconclusive');
  const starved = history().phase(0, 'baseline').health(0, 5000, 700, 700).build(5000);
  expect(judgeCheck(check, starved).verdict).toBe('inconclusive');
});

test('harness-trusted: without a control server nothing is trusted', () => {
  const blind = history().phase(0, 'baseline').request(10, 20).build(5000);
  expect(judgeCheck(harnessTrusted(), blind).verdict).toBe('inconclusive');
  const control = history().phase(0, 'baseline');
  for (let t = 0; t < 5000; t += 50) {
    control.at(t, { kind: 'control', intendedT: t, controlMs: 1 });
  }
  expect(judgeCheck(harnessTrusted(), control.build(5000)).verdict).toBe('pass');
});
