import { expect, test } from 'vitest';
import { history } from '../../testing/history.ts';
import { judgeCheck } from '../judging/judge.ts';
import { attemptsBounded } from './attempts-bounded.ts';
import { upstreamLetGo } from './upstream-let-go.ts';

const started = () => history().phase(0, 'baseline').health(0, 20_000, 2);
const about = { subject: 'Guide 4' };
const leaves = { ...about, outcome: 'left' } as const;

test('upstream-let-go: the call of a client that left ends soon, or the check fails', () => {
  const check = upstreamLetGo();
  const left = (callMs?: number) =>
    started().request(1000, 500, leaves).call(1100, callMs, about).build(9000, false);
  expect(judgeCheck(check, left(700))).toMatchObject({ verdict: 'pass', measured: { value: 300 } });
  expect(judgeCheck(check, left(5000))).toMatchObject({ verdict: 'fail' });
  expect(judgeCheck(check, left())).toMatchObject({ verdict: 'fail', measured: { value: 7500 } });
  const stayed = started().request(1000, 500, about).call(1100, 5000, about).build(9000);
  expect(judgeCheck(check, stayed).verdict).toBe('inconclusive');
});

test('upstream-let-go: a call that begins after the client left is not its own', () => {
  const later = started().request(1000, 500, leaves).call(2000, 5000, about).build(9000);
  expect(judgeCheck(upstreamLetGo(), later).verdict).toBe('inconclusive');
});

test('upstream-let-go: what is left to the background after an answer ends as well, where that is asked for', () => {
  const check = upstreamLetGo({ afterAnswer: true, withinMs: 3000 });
  const answered = (callMs?: number) =>
    started().request(1000, 500, about).call(1600, callMs, about).build(9000, false);
  expect(judgeCheck(check, answered(900))).toMatchObject({
    verdict: 'pass',
    measured: { value: 900 },
  });
  expect(judgeCheck(check, answered())).toMatchObject({
    verdict: 'fail',
    measured: { value: 7400 },
  });
});

test('attempts-bounded: two layers that both retry are caught', () => {
  const attempts = (n: number) => {
    const builder = started();
    for (let i = 0; i < n; i++) builder.call(1000 + 100 * i, 50, about);
    return builder.build(9000);
  };
  expect(judgeCheck(attemptsBounded(), attempts(3)).verdict).toBe('pass');
  expect(judgeCheck(attemptsBounded(), attempts(18))).toMatchObject({
    verdict: 'fail',
    measured: { value: 18 },
  });
  expect(judgeCheck(attemptsBounded(), started().build(9000)).verdict).toBe('inconclusive');
});
