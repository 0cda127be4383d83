import { expect, test } from 'vitest';
import type { EventOf } from '../../history/events.ts';
import { history } from '../../testing/history.ts';
import { judgeCheck } from '../judging/judge.ts';
import { indexedOnce } from './indexed-once.ts';
import { noStaleClaims } from './no-stale-claims.ts';
import { nothingAcknowledgedLost } from './nothing-acknowledged-lost.ts';
import { taskEnds } from './task-ends.ts';

const started = () => history().phase(0, 'baseline').health(0, 20_000, 2).process(500);
const quiesced = () => started().phase(5000, 'quiesce');
const audited = (audit: Partial<EventOf<'audit'>>) => quiesced().audit(6000, audit).build(7000);
const ABSENT = { expected: 'absent', state: 'absent', copies: 0 } as const;
const UNASKED = {
  asked: 'no-answer',
  state: 'unknown',
  copies: null,
  detail: 'status 503',
} as const;

test('nothing-acknowledged-lost: promised and not found, or deleted and there again', () => {
  const check = nothingAcknowledgedLost();
  expect(judgeCheck(check, audited({})).verdict).toBe('pass');
  expect(judgeCheck(check, audited({ copies: 0 })).verdict).toBe('fail');
  expect(judgeCheck(check, audited({ state: 'open' })).verdict).toBe('fail');
  expect(judgeCheck(check, audited({ state: 'absent', copies: 0 })).verdict).toBe('fail');
  expect(judgeCheck(check, audited(ABSENT)).verdict).toBe('pass');
  expect(judgeCheck(check, audited({ ...ABSENT, copies: 1 })).verdict).toBe('fail');
  expect(judgeCheck(check, audited({ ...ABSENT, state: 'done' })).verdict).toBe('fail');
  expect(judgeCheck(check, quiesced().build(7000)).verdict).toBe('inconclusive');
  expect(judgeCheck(check, started().build(7000)).verdict).toBe('not-reached');
});

test('what could not be asked proves nothing, neither way', () => {
  for (const expected of ['done', 'absent'] as const) {
    const unasked = audited({ ...UNASKED, expected });
    const finding = judgeCheck(nothingAcknowledgedLost(), unasked);
    expect(finding).toMatchObject({ verdict: 'inconclusive' });
    expect(finding.message).toContain('1 item could not be asked for: status 503');
  }
  expect(judgeCheck(indexedOnce(), audited(UNASKED)).verdict).toBe('inconclusive');
  expect(judgeCheck(noStaleClaims(), audited(UNASKED)).verdict).toBe('inconclusive');
});

test('what is known to be broken fails, whatever else could not be asked', () => {
  const both = quiesced().audit(6000, UNASKED).audit(6100, { copies: 0 }).build(7000);
  expect(judgeCheck(nothingAcknowledgedLost(), both).verdict).toBe('fail');
});

test('what could not be asked on a starved machine says so', () => {
  const starved = history().phase(0, 'baseline').health(0, 7000, 700, 700).phase(5000, 'quiesce');
  const finding = judgeCheck(
    nothingAcknowledgedLost(),
    starved.audit(6000, { ...UNASKED, askedT: 5100 }).build(7000),
  );
  expect(finding.verdict).toBe('inconclusive');
  expect(finding.message).toContain('the machine was too slow');
});

test('indexed-once: found twice fails; not found at all, or no way to find it, is not found once', () => {
  const check = indexedOnce();
  expect(judgeCheck(check, audited({})).verdict).toBe('pass');
  expect(judgeCheck(check, audited({ copies: 3 }))).toMatchObject({
    verdict: 'fail',
    message: expect.stringContaining('"Guide 1" 3 times'),
  });
  expect(judgeCheck(check, audited({ copies: 0 })).verdict).toBe('inconclusive');
  expect(judgeCheck(check, audited({ copies: null })).verdict).toBe('inconclusive');
});

test('no-stale-claims: a hold older than a request may take fails, a young one does not', () => {
  const check = noStaleClaims();
  expect(judgeCheck(check, audited({ heldMs: null })).verdict).toBe('pass');
  expect(judgeCheck(check, audited({ heldMs: 900 })).verdict).toBe('pass');
  expect(judgeCheck(check, audited({ heldMs: 9000 }))).toMatchObject({
    verdict: 'fail',
    measured: { value: 9000 },
  });
});

test('task-ends: a task that ends says so; one that dies silently does not', () => {
  const check = taskEnds();
  expect(judgeCheck(check, started().work(100, 900).build(7000)).verdict).toBe('pass');
  const failed = started().work(100, 900, { outcome: 'failed' }).build(7000);
  expect(judgeCheck(check, failed).verdict).toBe('pass');
  expect(judgeCheck(check, started().work(100).build(7000, false)).verdict).toBe('fail');
  expect(judgeCheck(check, started().work(100).build(2000, false))).toMatchObject({
    verdict: 'pass',
    mayStillFail: true,
  });
  expect(judgeCheck(check, started().build(7000)).verdict).toBe('inconclusive');
});
