import { expect, test } from 'vitest';
import { history } from '../../testing/history.ts';
import { judgeCheck } from '../judging/judge.ts';
import { exitsInGrace } from './exits-in-grace.ts';

const stopped = () =>
  history().phase(0, 'baseline').at(1000, { kind: 'target-stop', signal: 'SIGTERM' });
const exit = { kind: 'target-exit', code: 0, signal: null, expected: true, lines: [] } as const;

test('in its grace, beyond it, and not at all', () => {
  const check = exitsInGrace();
  expect(judgeCheck(check, stopped().at(2500, exit).build(6000)).verdict).toBe('pass');
  expect(judgeCheck(check, stopped().at(5000, exit).build(6000))).toMatchObject({
    verdict: 'fail',
    measured: { value: 4000 },
    limit: { value: 2400 },
  });
  expect(judgeCheck(check, stopped().build(6000)).verdict).toBe('fail');
  expect(judgeCheck(check, stopped().build(2000)).verdict).toBe('inconclusive');
  expect(judgeCheck(check, history().phase(0, 'baseline').build(2000)).verdict).toBe('not-reached');
});
