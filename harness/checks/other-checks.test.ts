import { expect, test } from 'vitest';
import { history } from '../testing/history.ts';
import { worst } from './check.ts';
import { fdsBack } from './leaks/fds-back.ts';
import { nextRequestSucceeds } from './liveness/next-request-succeeds.ts';
import { othersProgress } from './liveness/others-progress.ts';
import { readyTellsTheTruth } from './liveness/ready-tells-the-truth.ts';
import { nothingAcknowledgedLost } from './promises/nothing-acknowledged-lost.ts';
import { faultFired } from './run/fault-fired.ts';
import { harnessTrusted } from './run/harness-trusted.ts';

const started = () => history().phase(0, 'baseline').health(0, 20_000, 2);

test('ready-tells-the-truth: green while a request is beyond its limit fails; admitting it passes', () => {
  const stuck = (status: number) => {
    const builder = started().request(500);
    for (let t = 0; t <= 9000; t += 250) {
      builder.at(t, { kind: 'ready', status: t < 4500 ? 200 : status, reasons: [], latencyMs: 2 });
    }
    return readyTellsTheTruth().judge(builder.build(9000, false));
  };
  expect(stuck(200)).toMatchObject({
    verdict: 'fail',
    measured: { value: 5500 },
    limit: { value: 2000 },
  });
  expect(stuck(503)).toMatchObject({ verdict: 'pass', measured: { value: 1000 } });
});

test('ready-tells-the-truth: is in doubt while it is green and a request is late, whatever the instants', () => {
  for (const startedMs of [100, 101.59999999999991, 104.79999999999973]) {
    const builder = started().request(startedMs);
    for (let t = 0; t < 5000; t += 250) {
      builder.at(t, { kind: 'ready', status: 200, reasons: [], latencyMs: 2 });
    }
    const finding = readyTellsTheTruth().judge(builder.build(4877.3, false));
    expect(finding).toMatchObject({ verdict: 'pass', suspect: true });
  }
});

test('ready-tells-the-truth: no answer while hanglab looks into the target is no admission', () => {
  const builder = started().request(100);
  for (let t = 0; t < 9000; t += 250) {
    builder.at(t, { kind: 'ready', status: 200, reasons: [], latencyMs: 2 });
  }
  builder
    .at(4000, { kind: 'look', event: 'begun' })
    .at(6100, { kind: 'ready', status: null, reasons: [], latencyMs: 2000 })
    .at(6400, { kind: 'look', event: 'ended' });
  expect(readyTellsTheTruth().judge(builder.build(9000, false)).verdict).toBe('fail');
});

test('ready-tells-the-truth: a server that was never stuck has nothing to admit; no probes prove nothing', () => {
  const fine = started()
    .request(500, 300)
    .at(600, { kind: 'ready', status: 200, reasons: [], latencyMs: 1 });
  expect(readyTellsTheTruth().judge(fine.build(5000)).verdict).toBe('pass');
  expect(readyTellsTheTruth().judge(started().build(5000)).verdict).toBe('inconclusive');
});

test('others-progress judges only requests that the fault does not touch', () => {
  const check = othersProgress();
  const others = { group: 'others', operation: 'search' } as const;
  expect(check.judge(started().request(0).request(100, 50, others).build(5000)).verdict).toBe(
    'pass',
  );
  expect(check.judge(started().request(100, undefined, others).build(2500, false)).verdict).toBe(
    'fail',
  );
  const refused = started()
    .request(100, 50, { ...others, outcome: 'failed' })
    .build(5000);
  expect(check.judge(refused)).toMatchObject({
    verdict: 'fail',
    measured: { unit: 'failed requests' },
  });
  expect(check.judge(started().request(0, 10).build(5000)).verdict).toBe('inconclusive');
});

test('a refusal on a starved machine is inconclusive, not a finding', () => {
  const builder = history().phase(0, 'baseline').health(0, 4000, 2).health(4000, 6000, 700, 700);
  builder.request(4200, 900, { group: 'others', operation: 'search', outcome: 'failed' });
  expect(othersProgress().judge(builder.build(8000)).verdict).toBe('inconclusive');
});

test('next-request-succeeds looks at what is sent a grace after healing', () => {
  const healed = () => started().phase(1000, 'fault').phase(3000, 'recovery');
  const check = nextRequestSucceeds();
  const failed = { outcome: 'failed' } as const;
  expect(
    check.judge(healed().request(3500, 100, failed).request(5500, 90).build(8000)).verdict,
  ).toBe('pass');
  expect(check.judge(healed().request(5500, 90, failed).build(8000)).verdict).toBe('fail');
  expect(check.judge(healed().build(8000)).verdict).toBe('inconclusive');
});

test('nothing-acknowledged-lost: promised and not found, or deleted and found', () => {
  const check = nothingAcknowledgedLost();
  const audited = (expected: 'indexed' | 'absent', found: boolean) =>
    started()
      .phase(5000, 'quiesce')
      .at(6000, {
        kind: 'audit',
        subject: 'Guide 1',
        id: 'd_1',
        expected,
        found,
        copies: 1,
        state: found ? 'indexed' : null,
        claimAgeMs: null,
      })
      .build(7000);
  expect(check.judge(audited('indexed', true)).verdict).toBe('pass');
  expect(check.judge(audited('indexed', false)).verdict).toBe('fail');
  expect(check.judge(audited('absent', true)).verdict).toBe('fail');
  expect(check.judge(audited('absent', false)).verdict).toBe('pass');
  expect(check.judge(started().phase(5000, 'quiesce').build(7000)).verdict).toBe('inconclusive');
  expect(check.judge(started().build(7000)).verdict).toBe('not-reached');
});

test('fds-back: what remains after quiesce against what remained after warmup', () => {
  const sample = (fds: number) =>
    ({
      ...{
        kind: 'process' as const,
        alive: true,
        fds,
        threads: 9,
        rssBytes: 1,
        cpuMs: 1,
        mainThreadCpuMs: 1,
      },
      ...{ state: 'S', children: 0, costMs: 0.1 },
      ...{ waitPercent: 0, stealPercent: 0, foreignPercent: 0 },
    }) as const;
  const grown = (before: number, during: number, after: number) =>
    history()
      .phase(0, 'warmup')
      .at(900, sample(before))
      .phase(1000, 'baseline')
      .at(2000, sample(during))
      .phase(5000, 'quiesce')
      .at(6000, sample(after))
      .build(7000);
  expect(fdsBack().judge(grown(40, 400, 43)).verdict).toBe('pass');
  expect(fdsBack().judge(grown(40, 45, 60))).toMatchObject({
    verdict: 'fail',
    measured: { value: 20 },
  });
});

test('fault-fired: a fault that no request met proves nothing', () => {
  const check = faultFired(['llm.latency']);
  const through = () => started().phase(1000, 'fault').phase(3000, 'recovery');
  const fired = { kind: 'fault', fault: 'llm.latency', event: 'fired', detail: '316 ms' } as const;
  expect(check.judge(through().at(2900, fired).build(5000)).verdict).toBe('pass');
  expect(check.judge(through().build(5000)).verdict).toBe('inconclusive');
  expect(check.judge(started().build(5000, false)).verdict).toBe('not-reached');
});

test('fault-fired: without faults the load of the fault phase is the stress, and must have been sent', () => {
  const burst = started().phase(1000, 'fault');
  expect(faultFired([]).judge(burst.build(5000)).verdict).toBe('inconclusive');
  expect(faultFired([]).judge(burst.request(1500, 100).build(5000)).verdict).toBe('pass');
});

test("harness-trusted: hanglab's own trouble and a starved machine are inconclusive, never a finding", () => {
  const trouble = { kind: 'harness-trouble', part: 'toxiproxy', message: 'no answer' } as const;
  expect(harnessTrusted().judge(started().build(5000)).verdict).toBe('pass');
  expect(harnessTrusted().judge(started().at(100, trouble).build(5000)).verdict).toBe(
    'inconclusive',
  );
  const starved = history().phase(0, 'baseline').health(0, 5000, 700, 700).build(5000);
  expect(harnessTrusted().judge(starved).verdict).toBe('inconclusive');
});

test('fail beats inconclusive beats pass, and what was not reached does not count', () => {
  expect(worst(['pass', 'inconclusive', 'fail'])).toBe('fail');
  expect(worst(['pass', 'inconclusive', 'not-reached'])).toBe('inconclusive');
  expect(worst(['pass', 'not-reached'])).toBe('pass');
});
