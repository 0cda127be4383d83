import { expect, test } from 'vitest';
import { history } from '../../testing/history.ts';
import { judgeCheck } from '../judging/judge.ts';
import { everyRequestEnds } from './every-request-ends.ts';

const check = everyRequestEnds();
const started = () => history().phase(0, 'baseline').health(0, 10_000, 2);

test('passes when all requests have ended, and tells the longest', () => {
  const finding = judgeCheck(check, started().request(100, 400).request(200, 900).build(10_000));
  expect(finding).toMatchObject({ verdict: 'pass', measured: { value: 900, unit: 'ms' } });
});

test('a request that never ends is a failure with an age, not a missing sample', () => {
  const finding = judgeCheck(check, started().request(1000).build(4200, false));
  expect(finding).toMatchObject({ verdict: 'fail', measured: { value: 3200, unit: 'ms' } });
  expect(finding.message).toContain('has not ended after 3.2 s');
});

test('one given up at the end of the run has not ended', () => {
  const given = started().request(1000, 5000, { outcome: 'unknown' }).build(6000);
  expect(judgeCheck(check, given).verdict).toBe('fail');
});

test('one that ended beyond its limit fails too, and a refusal in time does not', () => {
  expect(judgeCheck(check, started().request(0, 3100).build(5000)).verdict).toBe('fail');
  expect(
    judgeCheck(check, started().request(0, 500, { outcome: 'failed' }).build(5000)).verdict,
  ).toBe('pass');
});

test('is in doubt while an open request has passed a third of its limit', () => {
  expect(judgeCheck(check, started().request(0).build(900, false)).mayStillFail).toBe(false);
  expect(judgeCheck(check, started().request(0).build(1100, false)).mayStillFail).toBe(true);
});

test('void time does not count, and what only void time made late is inconclusive', () => {
  const starved = history().phase(0, 'baseline').health(0, 6000, 800, 800).request(500);
  expect(judgeCheck(check, starved.build(5000, false)).verdict).toBe('pass');
  expect(judgeCheck(check, starved.build(5000, true)).verdict).toBe('inconclusive');
});

test('a request has its own limit, where it has one; a stream has none unless it tells one', () => {
  const slow = (limits?: { requestMs: number }) =>
    started()
      .request(0, 5000, limits ? { limits } : {})
      .build(9000);
  expect(judgeCheck(everyRequestEnds(), slow()).verdict).toBe('fail');
  expect(judgeCheck(everyRequestEnds(), slow({ requestMs: 10_000 })).verdict).toBe('pass');
  const stream = (limits?: { requestMs: number }) =>
    started()
      .request(0, 5000, { operationKind: 'stream', ...(limits ? { limits } : {}) })
      .build(9000);
  expect(judgeCheck(everyRequestEnds(), stream()).verdict).toBe('pass');
  expect(judgeCheck(everyRequestEnds(), stream({ requestMs: 2000 })).verdict).toBe('fail');
});

test('a failure says what was open when the request was sent', () => {
  const level = (count: number) => ({ kind: 'level', what: 'silent connections', count }) as const;
  const run = started()
    .at(900, level(64))
    .request(950, 10)
    .at(1900, level(128))
    .request(2000)
    .at(2100, level(256))
    .request(2200)
    .build(9000);
  expect(judgeCheck(everyRequestEnds(), run).message).toMatch(
    /"Guide 2" has not ended.*1 more is late; the first of them was sent with 128 silent connections/,
  );
});

test('what ended too late in time that does not count proves nothing, and does not pass', () => {
  const run = history().phase(0, 'baseline').health(0, 1000, 2).health(1000, 6000, 700, 700);
  const finding = judgeCheck(everyRequestEnds(), run.request(1000, 4900).build(9000));
  expect(finding.verdict).toBe('inconclusive');
});
