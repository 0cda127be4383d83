import { expect, test } from 'vitest';
import { history } from '../testing/history.ts';
import { everyRequestEnds } from './liveness/every-request-ends.ts';
import { trustedTime } from './trusted-time.ts';

const started = () => history().phase(0, 'baseline').health(0, 10_000, 2);

test('on a quiet machine all time counts', () => {
  const trusted = trustedTime(started().build(10_000));
  expect(trusted.betweenMs(1000, 4000)).toBe(3000);
  expect(trusted.voidShare).toBe(0);
});

test('while hanglab looks into the target nothing counts, and the look is no void time either', () => {
  const looked = started()
    .at(2000, { kind: 'look', event: 'begun' })
    .at(5999, { kind: 'look', event: 'ended' });
  const trusted = trustedTime(looked.build(10_000));
  expect(trusted.betweenMs(1000, 7000)).toBe(2000);
  expect(trusted.isVoid(3000)).toBe(true);
  expect(trusted.voidShare).toBeCloseTo(0, 1);
});

test('a look that goes on makes no request late; the time before it does', () => {
  const asked = started().request(500).at(2000, { kind: 'look', event: 'begun' });
  expect(everyRequestEnds().judge(asked.build(9000, false)).verdict).toBe('pass');
  const late = started().request(500).at(5000, { kind: 'look', event: 'begun' });
  expect(everyRequestEnds().judge(late.build(9000, false)).verdict).toBe('fail');
});
