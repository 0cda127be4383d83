import { expect, test } from 'vitest';
import { type HistoryBuilder, history } from '../../testing/history.ts';
import { judgeCheck } from '../judging/judge.ts';
import { readyTellsTheTruth } from './ready-tells-the-truth.ts';

const check = readyTellsTheTruth();
const started = () => history().phase(0, 'baseline').health(0, 20_000, 2);

function readyEvery(
  builder: HistoryBuilder,
  untilMs: number,
  isGood: (t: number) => boolean = () => true,
): HistoryBuilder {
  for (let t = 0; t <= untilMs; t += 250) {
    const good = isGood(t);
    const answer = { status: good ? 200 : 503, good, reasons: [], latencyMs: 2 };
    builder.at(t, { kind: 'ready', ...answer });
  }
  return builder;
}

test('green while a request is beyond its limit fails; admitting it passes', () => {
  const green = readyEvery(started().request(500), 9000).build(9000, false);
  expect(judgeCheck(check, green)).toMatchObject({
    verdict: 'fail',
    measured: { value: 5500 },
    limit: { value: 2000 },
  });
  const honest = readyEvery(started().request(500), 9000, (t) => t < 4500).build(9000, false);
  expect(judgeCheck(check, honest)).toMatchObject({ verdict: 'pass', measured: { value: 1000 } });
});

test('a stuck time that ended by itself, and was never admitted, is not called admitted', () => {
  const short = readyEvery(started().request(500, 4000), 9000).build(9000);
  const finding = judgeCheck(check, short);
  expect(finding).toMatchObject({ verdict: 'pass', measured: { value: 1000 } });
  expect(finding.message).toContain('stayed green for 1 s only while');
});

test('accepted work that stands still, and work that was given up, have to be admitted too', () => {
  const flat = started();
  for (let t = 0; t <= 9000; t += 250) flat.progress(t, 3, 1);
  const still = judgeCheck(check, readyEvery(flat, 9000).build(9000, false));
  expect(still).toMatchObject({ verdict: 'fail', measured: { value: 6000 } });
  expect(still.message).toContain('accepted work stood still');
  const lost = started();
  for (let t = 0; t <= 9000; t += 250) lost.progress(t, 0, 4, t >= 2000 ? 2 : 0);
  const givenUp = judgeCheck(check, readyEvery(lost, 9000).build(9000, false));
  expect(givenUp).toMatchObject({ verdict: 'fail', measured: { value: 7000 } });
  expect(givenUp.message).toContain('2 accepted items had been given up');
});

test('it may still fail while it is green and a request is late, whatever the instants', () => {
  for (const startedMs of [100, 101.59999999999991, 104.79999999999973]) {
    const builder = readyEvery(started().request(startedMs), 4750);
    expect(judgeCheck(check, builder.build(4877.3, false))).toMatchObject({
      verdict: 'pass',
      mayStillFail: true,
    });
  }
});

test('no answer while hanglab inspects the target is no admission', () => {
  const builder = readyEvery(started().request(100), 9000);
  builder
    .at(4000, { kind: 'look', event: 'begun' })
    .at(6100, { kind: 'ready', status: null, good: false, reasons: [], latencyMs: 2000 })
    .at(6400, { kind: 'look', event: 'ended' });
  expect(judgeCheck(check, builder.build(9000, false)).verdict).toBe('fail');
});

test('a server that was never stuck has nothing to admit; no probes prove nothing', () => {
  const fine = readyEvery(started().request(500, 300), 1000);
  expect(judgeCheck(check, fine.build(5000)).verdict).toBe('pass');
  expect(judgeCheck(check, started().build(5000)).verdict).toBe('inconclusive');
});
