import { expect, test } from 'vitest';
import type { History } from '../history/history.ts';
import { history, LIMITS } from '../testing/history.ts';
import { MeasuresFold } from './measures.ts';

const measured = (of: History) => {
  const fold = new MeasuresFold();
  for (const event of of.events) fold.push(event);
  return fold.measures(of.untilMs);
};

const probe = (
  t: number,
  latencyMs: number,
  { answered = true, good = true, status = 200 as number | null } = {},
) =>
  [
    t + latencyMs,
    { kind: 'health', intendedT: t, latencyMs, answered, status, good, controlMs: 1 },
  ] as const;

const begun = (limits = LIMITS) =>
  history(limits).phase(0, 'warmup').phase(1000, 'baseline').phase(2000, 'fault');

test('an outage that ends during the fault is distinguished from one that lasts as long as the fault', () => {
  const short = begun();
  for (const [t, body] of [probe(1500, 5), probe(2500, 4900), probe(3000, 4400), probe(7500, 5)]) {
    short.at(t, body);
  }
  expect(measured(short.phase(12_000, 'recovery').build(15_000)).outage).toEqual({
    longestMs: 4900,
    endedBeforeHeal: true,
    isOpen: false,
  });
  const long = begun();
  for (const [t, body] of [probe(1500, 5), probe(2500, 9700), probe(12_500, 5)]) long.at(t, body);
  expect(measured(long.phase(12_000, 'recovery').build(15_000)).outage).toEqual({
    longestMs: 9700,
    endedBeforeHeal: false,
    isOpen: false,
  });
});

test('an endpoint that never answers again is out to the end of the run', () => {
  const dead = begun();
  for (const [t, body] of [probe(1500, 5), probe(2500, 6000, { answered: false, status: null })]) {
    dead.at(t, body);
  }
  expect(measured(dead.phase(5000, 'recovery').build(9000)).outage).toEqual({
    longestMs: 6500,
    endedBeforeHeal: false,
    isOpen: true,
  });
});

test('refused and broken answers count from the first of them to the next good one', () => {
  const refusing = begun();
  for (const [t, body] of [
    probe(2500, 1, { good: false, status: null }),
    probe(3000, 1, { good: false, status: 503 }),
    probe(3500, 5),
  ]) {
    refusing.at(t, body);
  }
  const { outage } = measured(refusing.phase(5000, 'recovery').build(6000));
  expect(outage).toEqual({ longestMs: 1005, endedBeforeHeal: true, isOpen: false });
});

test('without a health endpoint requests tell: beyond their limit, never answered, or failed', () => {
  const late = begun().request(2500).request(2600, 5000).request(9000, 10);
  const { outage } = measured(late.phase(8000, 'recovery').build(10_000));
  expect(outage).toEqual({ longestMs: 5100, endedBeforeHeal: true, isOpen: false });
  const left = begun().request(2500, 4000, { outcome: 'left' }).request(2600, 10);
  expect(measured(left.phase(8000, 'recovery').build(9000)).outage.longestMs).toBe(0);
});

test('what a diagnosis holds up is no outage, and does not hide a shorter one', () => {
  const looked = begun({ ...LIMITS, requestMs: 1000 })
    .request(2500, 1500)
    .phase(4000, 'recovery')
    .at(5000, { kind: 'look', event: 'begun' })
    .request(5100, 3000)
    .at(8200, { kind: 'look', event: 'ended' })
    .request(8300, 10);
  expect(measured(looked.build(9000)).outage).toEqual({
    longestMs: 1500,
    endedBeforeHeal: false,
    isOpen: false,
  });
});

test('recovery is the time to the first good answer to a request that was sent after the heal', () => {
  const run = begun()
    .request(2500, 5700)
    .phase(8000, 'recovery')
    .request(8100, 50, { outcome: 'failed' })
    .request(8300, 200)
    .build(9000);
  expect(measured(run).recoveryMs).toBe(500);
  expect(measured(begun().phase(8000, 'recovery').request(8100).build(9000)).recoveryMs).toBeNull();
});

test('growth is counted from the last sample before baseline', () => {
  const run = history()
    .process(100, { fds: 5, rssBytes: 1, threads: 1 })
    .process(900, { fds: 20, rssBytes: 1000, threads: 4 })
    .phase(1000, 'baseline')
    .process(2000, { fds: 90, rssBytes: 9000, threads: 9 })
    .process(3000, { fds: 22, rssBytes: 1500, threads: 4 })
    .build(4000);
  expect(measured(run)).toMatchObject({ fdsGrowth: 2, rssGrowthBytes: 500, threadsGrowth: 0 });
});

test('a p99 of a few probes is not told', () => {
  expect(measured(begun().health(2000, 2500, 4).build(3000)).healthP99Ms).toBeNull();
  expect(measured(begun().health(2000, 4000, 4).build(5000)).healthP99Ms).toBe(4);
});
