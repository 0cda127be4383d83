import { expect, test } from 'vitest';
import { history } from '../../testing/history.ts';
import { health } from './health.ts';

const check = health({ p99: '250ms', max: '1s' });
const started = () => history().phase(0, 'baseline');

test('passes when probes are answered in time', () => {
  expect(check.judge(started().health(0, 5000, 8).build(5000))).toMatchObject({
    verdict: 'pass',
    measured: { value: 8, unit: 'ms' },
  });
});

test('fails by its p99 and by its worst probe, and reports the one that is further off', () => {
  expect(check.judge(started().health(0, 5000, 900).build(6000))).toMatchObject({
    verdict: 'fail',
    measured: { value: 900 },
    limit: { value: 250 },
  });
  const spike = started().health(0, 10_000, 8).health(10_000, 10_050, 4200).build(15_000);
  expect(check.judge(spike)).toMatchObject({
    verdict: 'fail',
    measured: { value: 4200 },
    limit: { value: 1000 },
  });
});

test('the last report of a probe counts: one that is not answered grows old', () => {
  const builder = started().health(0, 5000, 8);
  for (const age of [500, 1000, 1500]) {
    const open = { kind: 'health', intendedT: 5000, latencyMs: age, answered: false } as const;
    builder.at(5000 + age, { ...open, status: null, controlMs: 1 });
  }
  expect(check.judge(builder.build(7000))).toMatchObject({
    verdict: 'fail',
    measured: { value: 1500 },
  });
});

test('where the control server was late too, the window is void', () => {
  const noisy = started().health(0, 5000, 8).health(5000, 6000, 1500, 1400).build(9000);
  expect(check.judge(noisy).verdict).toBe('pass');
});

test('too few probes that count are inconclusive', () => {
  expect(check.judge(started().health(0, 5000, 1500, 1400).build(9000)).verdict).toBe(
    'inconclusive',
  );
});

test('stolen cores void their windows', () => {
  const stolen = started().health(0, 4000, 8).health(4000, 5000, 3000);
  const sample = { alive: true, fds: 40, threads: 9, rssBytes: 1, cpuMs: 1, mainThreadCpuMs: 1 };
  const rest = { state: 'S', children: 0, costMs: 0.1, waitPercent: 0, foreignPercent: 0 };
  stolen.at(3900, { kind: 'process', ...sample, ...rest, stealPercent: 0 });
  stolen.at(5200, { kind: 'process', ...sample, ...rest, stealPercent: 55 });
  expect(check.judge(stolen.build(9000)).verdict).toBe('pass');
});

test('a target that other processes kept from its cores is not to blame; one that starves itself is', () => {
  const waiting = (foreignPercent: number) => {
    const builder = started().health(0, 4000, 8).health(4000, 5000, 400);
    const sample = { alive: true, fds: 40, threads: 9, rssBytes: 1, cpuMs: 1, mainThreadCpuMs: 1 };
    const rest = { state: 'R', children: 0, costMs: 0.1, stealPercent: 0 };
    for (let t = 500; t <= 6000; t += 500) {
      const starved = t > 4000 && t <= 5500;
      const shares = {
        waitPercent: starved ? 60 : 0,
        foreignPercent: starved ? foreignPercent : 0,
      };
      builder.at(t, { kind: 'process', ...sample, ...rest, ...shares });
    }
    return check.judge(builder.build(9000)).verdict;
  };
  expect(waiting(50)).toBe('pass');
  expect(waiting(5)).toBe('fail');
});

test('a block that starvation cannot explain is still a block', () => {
  const builder = started().health(0, 4000, 8).health(4000, 4500, 9000);
  const sample = { alive: true, fds: 40, threads: 9, rssBytes: 1, cpuMs: 1, mainThreadCpuMs: 1 };
  const rest = { state: 'R', children: 0, costMs: 0.1, stealPercent: 0 };
  for (let t = 500; t <= 14_000; t += 500) {
    builder.at(t, { kind: 'process', ...sample, ...rest, waitPercent: 50, foreignPercent: 70 });
  }
  expect(check.judge(builder.build(14_000))).toMatchObject({
    verdict: 'fail',
    measured: { value: 4500 },
  });
});

test('an error status fails, and so does a target that ended by itself, with its last lines', () => {
  const refused = started().health(0, 3000, 8);
  refused.at(3100, {
    kind: 'health',
    intendedT: 3050,
    latencyMs: 3,
    answered: true,
    status: 500,
    controlMs: 1,
  });
  expect(check.judge(refused.build(4000))).toMatchObject({ verdict: 'fail' });
  const exit = {
    kind: 'target-exit',
    code: 7,
    signal: null,
    expected: false,
    lines: ['out of luck'],
  } as const;
  const finding = check.judge(started().health(0, 3000, 8).at(3000, exit).build(4000));
  expect(finding.verdict).toBe('fail');
  expect(finding.message).toContain('exit code 7');
  expect(finding.message).toContain('out of luck');
});

test('probes that waited when hanglab began to look are as late as they were by then', () => {
  const builder = started().health(0, 1000, 8);
  for (let intendedT = 5500; intendedT < 6000; intendedT += 50) {
    const open = {
      kind: 'health',
      intendedT,
      answered: false,
      status: null,
      controlMs: 1,
    } as const;
    for (const t of [6400, 9000]) builder.at(t, { ...open, latencyMs: t - intendedT });
  }
  builder.at(6500, { kind: 'look', event: 'begun' }).at(9000, { kind: 'look', event: 'ended' });
  expect(check.judge(builder.build(9000))).toMatchObject({
    verdict: 'fail',
    measured: { value: 900 },
  });
});
