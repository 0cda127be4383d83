import { expect, test } from 'vitest';
import { history } from '../../testing/history.ts';
import { judgeCheck } from '../judging/judge.ts';
import { health } from './health.ts';

const check = health({ p99: '250ms', max: '1s' });
const started = () => history().phase(0, 'baseline');

test('passes when probes are answered in time', () => {
  expect(judgeCheck(check, started().health(0, 5000, 8).build(5000))).toMatchObject({
    verdict: 'pass',
    measured: { value: 8, unit: 'ms' },
  });
});

test('fails by its p99 and by its worst probe, and reports the one that is further off', () => {
  expect(judgeCheck(check, started().health(0, 5000, 900).build(6000))).toMatchObject({
    verdict: 'fail',
    measured: { value: 900 },
    limit: { value: 250 },
  });
  const spike = started().health(0, 10_000, 8).health(10_000, 10_050, 4200).build(15_000);
  expect(judgeCheck(check, spike)).toMatchObject({
    verdict: 'fail',
    measured: { value: 4200 },
    limit: { value: 1000 },
  });
});

test('the last report of a probe counts: one that is not answered grows old', () => {
  const builder = started().health(0, 5000, 8);
  for (const age of [500, 1000, 1500]) {
    const open = {
      kind: 'health',
      intendedT: 5000,
      latencyMs: age,
      answered: false,
      good: false,
    } as const;
    builder.at(5000 + age, { ...open, status: null, controlMs: 1 });
  }
  expect(judgeCheck(check, builder.build(7000))).toMatchObject({
    verdict: 'fail',
    measured: { value: 1500 },
  });
});

test('where the control server was late too, its time does not count', () => {
  const noisy = started().health(0, 5000, 8).health(5000, 6000, 1500, 1400).build(9000);
  expect(judgeCheck(check, noisy).verdict).toBe('pass');
});

test('too few probes that count are inconclusive', () => {
  expect(judgeCheck(check, started().health(0, 5000, 1500, 1400).build(9000)).verdict).toBe(
    'inconclusive',
  );
});

test('time in which the cores were stolen does not count', () => {
  const stolen = started().health(0, 4000, 8).health(4000, 5000, 3000);
  stolen.process(3900);
  stolen.process(5200, { stealPercent: 55 });
  expect(judgeCheck(check, stolen.build(9000)).verdict).toBe('pass');
});

test('a target that other processes kept from its cores is not to blame; one that starves itself is', () => {
  const waiting = (foreignPercent: number) => {
    const builder = started().health(0, 4000, 8).health(4000, 5000, 400);
    for (let t = 500; t <= 6000; t += 500) {
      const starved = t > 4000 && t <= 5500;
      const shares = {
        waitPercent: starved ? 60 : 0,
        foreignPercent: starved ? foreignPercent : 0,
      };
      builder.process(t, { state: 'R', ...shares });
    }
    return judgeCheck(check, builder.build(9000)).verdict;
  };
  expect(waiting(50)).toBe('pass');
  expect(waiting(5)).toBe('fail');
});

test('a block that starvation cannot explain is still a block', () => {
  const builder = started().health(0, 4000, 8).health(4000, 4500, 9000);
  for (let t = 500; t <= 14_000; t += 500) {
    builder.process(t, { state: 'R', waitPercent: 50, foreignPercent: 70 });
  }
  expect(judgeCheck(check, builder.build(14_000))).toMatchObject({
    verdict: 'fail',
    measured: { value: 4500 },
  });
});

test('an error status fails', () => {
  const refused = started().health(0, 3000, 8);
  refused.at(3100, {
    kind: 'health',
    intendedT: 3050,
    latencyMs: 3,
    answered: true,
    status: 500,
    good: false,
    controlMs: 1,
  });
  expect(judgeCheck(check, refused.build(4000))).toMatchObject({ verdict: 'fail' });
});

test('an endpoint that hangs for longer than a request may take is no slowness', () => {
  const builder = started().health(0, 3000, 8);
  for (let age = 500; age <= 4000; age += 500) {
    const open = { kind: 'health', intendedT: 3050, answered: false, good: false } as const;
    builder.at(3050 + age, { ...open, latencyMs: age, status: null, controlMs: 1 });
  }
  const finding = judgeCheck(check, builder.build(7050, false));
  expect(finding).toMatchObject({ verdict: 'fail' });
  expect(finding.isSlo).toBeUndefined();
  expect(finding.message).toContain('has not answered for 4 s');
});

test('probes that waited when hanglab began to look are as late as they were by then', () => {
  const builder = started().health(0, 1000, 8);
  for (let intendedT = 5500; intendedT < 6000; intendedT += 50) {
    const open = {
      kind: 'health',
      intendedT,
      answered: false,
      good: false,
      status: null,
      controlMs: 1,
    } as const;
    for (const t of [6400, 9000]) builder.at(t, { ...open, latencyMs: t - intendedT });
  }
  builder.at(6500, { kind: 'look', event: 'begun' }).at(9000, { kind: 'look', event: 'ended' });
  expect(judgeCheck(check, builder.build(9000))).toMatchObject({
    verdict: 'fail',
    measured: { value: 900 },
  });
});
