import { expect, test } from 'vitest';
import type { History } from '../../history/history.ts';
import { history } from '../../testing/history.ts';
import { everyRequestEnds } from '../liveness/every-request-ends.ts';
import { judgeCheck } from './judge.ts';
import { TrustedTimeline } from './trusted-time.ts';

const started = () => history().phase(0, 'baseline').health(0, 10_000, 2);

function trustedTime({ events, untilMs }: History): TrustedTimeline {
  const timeline = new TrustedTimeline();
  for (const event of events) timeline.step(event);
  timeline.advanceTo(untilMs);
  return timeline;
}

test('on a quiet machine all time counts', () => {
  const trusted = trustedTime(started().build(10_000));
  expect(trusted.betweenMs(1000, 4000)).toBe(3000);
  expect(trusted.excludedShare).toBe(0);
});

test('a sender that was late itself makes no request late', () => {
  const asked = started().request(500).at(8000, { kind: 'sender-late', lateMs: 7000 });
  const trusted = trustedTime(asked.build(10_000));
  expect(trusted.betweenMs(0, 10_000)).toBe(2500);
  expect(judgeCheck(everyRequestEnds(), asked.build(9000, false)).verdict).toBe('pass');
  expect(judgeCheck(everyRequestEnds(), started().request(500).build(9000)).verdict).toBe('fail');
});

test('while hanglab inspects the target nothing counts, and that is no excluded time either', () => {
  const looked = started()
    .at(2000, { kind: 'look', event: 'begun' })
    .at(5999, { kind: 'look', event: 'ended' });
  const trusted = trustedTime(looked.build(10_000));
  expect(trusted.betweenMs(1000, 7000)).toBe(2000);
  expect(trusted.isExcluded(3000)).toBe(true);
  expect(trusted.excludedShare).toBeCloseTo(0, 1);
});

test('an inspection that goes on makes no request late; the time before it does', () => {
  const asked = started().request(500).at(2000, { kind: 'look', event: 'begun' });
  expect(judgeCheck(everyRequestEnds(), asked.build(9000, false)).verdict).toBe('pass');
  const late = started().request(500).at(5000, { kind: 'look', event: 'begun' });
  expect(judgeCheck(everyRequestEnds(), late.build(9000, false)).verdict).toBe('fail');
});

test('a window that is lowered later changes what was measured over it before', () => {
  const timeline = new TrustedTimeline();
  for (const event of history().process(500).process(1000).build(1000).events) timeline.step(event);
  expect(timeline.betweenMs(0, 3000)).toBe(3000);
  for (const event of history().process(1500, { stealPercent: 60 }).build(1500).events) {
    timeline.step(event);
  }
  expect(timeline.betweenMs(0, 3000)).toBe(2000);
});

test('time has settled once the probes have reported it, and at the latest after half a minute', () => {
  const timeline = new TrustedTimeline();
  for (const event of history().health(0, 3000, 2).process(2900).build(3000).events) {
    timeline.step(event);
  }
  expect(timeline.settledUntilMs()).toBe(2000);
  timeline.advanceTo(20_000);
  expect(timeline.settledUntilMs()).toBe(2000);
  timeline.advanceTo(60_000);
  expect(timeline.settledUntilMs()).toBe(30_000);
});
