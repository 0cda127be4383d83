import { describe, expect, test } from 'vitest';
import type { EventOf, SocketCount } from '../../history/events.ts';
import { type HistoryBuilder, history } from '../../testing/history.ts';
import type { Check } from '../check.ts';
import { judgeCheck } from '../judging/judge.ts';
import { childrenBack } from './children-back.ts';
import { closeWait } from './close-wait.ts';
import { fdsBack } from './fds-back.ts';
import { memoryBounded } from './memory-bounded.ts';
import { socketsBack } from './sockets-back.ts';
import { tasksBack } from './tasks-back.ts';
import { tempBytesBack } from './temp-bytes-back.ts';
import { threadsBack } from './threads-back.ts';

const socket = (changes: Partial<SocketCount>): SocketCount => ({
  ...{ peer: 'llm', state: 'ESTABLISHED', count: 1, receiveQueueBytes: 0, sendQueueBytes: 0 },
  ...changes,
});

/** What a count may have been after warmup, under load, and after quiesce. */
function grown(before: number, during: number, after: number) {
  const sample = (n: number) => ({ fds: n, children: n });
  const full = (n: number) => ({
    threads: [
      { name: 'worker', count: n },
      { name: 'tokio-rt', count: 3 * n },
    ],
    sockets: [socket({ count: n }), socket({ peer: 'front', count: 90 })],
    fdsByPath: { '/data/part-7': n },
  });
  return history()
    .phase(0, 'warmup')
    .process(900, sample(before))
    .resources(900, full(before))
    .at(900, { kind: 'tasks', count: before, latencyMs: 1 })
    .phase(1000, 'baseline')
    .process(2000, sample(during))
    .resources(2000, full(during))
    .phase(5000, 'quiesce')
    .process(6000, sample(after))
    .resources(6000, full(after))
    .at(6000, { kind: 'tasks', count: after, latencyMs: 1 })
    .build(7000);
}

test.each<[string, () => Check]>([
  ['fds-back', fdsBack],
  ['threads-back', threadsBack],
  ['sockets-back', socketsBack],
  ['children-back', childrenBack],
  ['tasks-back', tasksBack],
])('%s: what remains after quiesce against what remained after warmup', (_, make) => {
  expect(judgeCheck(make(), grown(10, 400, 13)).verdict).toBe('pass');
  expect(judgeCheck(make(), grown(10, 15, 30))).toMatchObject({
    verdict: 'fail',
    measured: { value: 20 },
  });
  expect(judgeCheck(make(), history().phase(0, 'baseline').build(900)).verdict).toBe('not-reached');
});

test('fds-back says which file is open most often', () => {
  expect(judgeCheck(fdsBack(), grown(40, 45, 60)).message).toContain('/data/part-7, 60 times');
});

test('memory-bounded: growth from before the load to the most there was', () => {
  const used = (mb: number) => ({ rssBytes: mb * 1e6 });
  const run = (most: number) =>
    history()
      .phase(0, 'baseline')
      .process(500, used(100))
      .phase(1000, 'fault')
      .process(1500, used(most))
      .process(2500, used(120))
      .build(3000);
  expect(judgeCheck(memoryBounded({ growthMb: 50 }), run(140)).verdict).toBe('pass');
  expect(judgeCheck(memoryBounded({ growthMb: 50 }), run(400))).toMatchObject({
    verdict: 'fail',
    measured: { value: 300, unit: 'MB' },
  });
});

test('memory-bounded: without a bound of its own, as much again as it had, and 128 MB at least', () => {
  const run = (before: number, most: number) =>
    history()
      .phase(0, 'baseline')
      .process(500, { rssBytes: before * 1e6 })
      .phase(1000, 'fault')
      .process(1500, { rssBytes: most * 1e6 })
      .build(3000);
  expect(judgeCheck(memoryBounded(), run(60, 150)).verdict).toBe('pass');
  expect(judgeCheck(memoryBounded(), run(60, 250))).toMatchObject({ limit: { value: 128 } });
  expect(judgeCheck(memoryBounded(), run(60, 250)).verdict).toBe('fail');
  expect(judgeCheck(memoryBounded(), run(800, 1500)).verdict).toBe('pass');
});

test('temp-bytes-back: leftovers fail, a file that is being written does not', () => {
  const run = (bytes: number) =>
    history()
      .resources(400, { temporary: { files: 1, bytes: 100 } })
      .phase(1000, 'baseline')
      .phase(5000, 'quiesce')
      .resources(6000, { temporary: { files: 3, bytes } })
      .build(7000);
  expect(judgeCheck(tempBytesBack(), run(2000)).verdict).toBe('pass');
  expect(judgeCheck(tempBytesBack(), run(90_000)).verdict).toBe('fail');
});

test('close-wait: a closed connection on which a request waits fails; idle in a pool it does not', () => {
  const closed = { sockets: [socket({ state: 'CLOSE_WAIT', receiveQueueBytes: 1 })] };
  const sampled = (builder: ReturnType<typeof history>) => {
    for (let t = 500; t <= 8000; t += 500) builder.resources(t, closed);
    return builder;
  };
  const idle = sampled(history().phase(0, 'baseline').request(100, 200)).build(8000);
  expect(judgeCheck(closeWait(), idle).verdict).toBe('pass');
  const waiting = sampled(history().phase(0, 'baseline').request(100)).build(8000);
  const finding = judgeCheck(closeWait(), waiting);
  expect(finding).toMatchObject({ verdict: 'fail', measured: { value: 7500 } });
  expect(finding.message).toContain('1 connection that llm had closed');
});

test('what a leak is measured by: clients that left, or else the load; bystanders never', () => {
  const run = (leaves: number, after: number) => {
    const builder = history().process(100, { fds: 10 }).phase(1000, 'baseline');
    for (let i = 0; i < 100; i++) builder.request(1100 + i, 5, { group: 'others' });
    for (let i = 0; i < 25; i++) {
      builder.request(1300 + i, 5, i < leaves ? { outcome: 'left', leaves: true } : {});
    }
    return builder.phase(5000, 'quiesce').process(6000, { fds: after }).build(7000);
  };
  expect(judgeCheck(fdsBack(), run(12, 22))).toMatchObject({
    verdict: 'fail',
    limit: { value: 4 },
  });
  expect(judgeCheck(fdsBack(), run(0, 14)).verdict).toBe('pass');
});

test('close-wait: requests that come and go beside an idle pool do not wait on it', () => {
  const builder = history().phase(0, 'baseline');
  for (let t = 100; t <= 8000; t += 500) {
    builder.resources(t, { sockets: [socket({ state: 'CLOSE_WAIT' })] }).request(t - 50, 100);
  }
  expect(judgeCheck(closeWait(), builder.build(8000)).verdict).toBe('pass');
});

test('close-wait: a stream that goes on does not wait on it, one that is silent does', () => {
  const run = (says: boolean) => {
    const builder = history()
      .phase(0, 'baseline')
      .request(50, undefined, { operationKind: 'stream' });
    for (let t = 100; t <= 8000; t += 500) {
      builder.resources(t, { sockets: [socket({ state: 'CLOSE_WAIT' })] });
      const lastT = t + 100;
      if (says) builder.at(lastT, { kind: 'request-progress', id: 1, bytes: t, events: t, lastT });
    }
    return builder.build(8000);
  };
  expect(judgeCheck(closeWait(), run(true)).verdict).toBe('pass');
  expect(judgeCheck(closeWait(), run(false)).verdict).toBe('fail');
});

describe.each<[string, () => Check]>([
  ['fds-back', fdsBack],
  ['sockets-back', socketsBack],
])('%s: idle connections to an upstream that remain', (_, make) => {
  /** 10 after warmup, of them 2 idle at `llm`; `idle` at the end, and `others` that are no idle connections. */
  const run = (idle: number, test: Partial<EventOf<'pool-test'>> | null, others = 0) => {
    const sample = (t: number, pooled: number, rest: number) => (builder: HistoryBuilder) => {
      const sockets = [socket({ count: pooled }), socket({ peer: 'other', count: 8 + rest })];
      return builder.process(t, { fds: 8 + rest + pooled }).resources(t, { sockets });
    };
    const builder = sample(900, 2, 0)(history().phase(0, 'warmup')).phase(1000, 'baseline');
    for (let i = 0; i < 128; i++) builder.request(1100 + i, 5);
    builder.phase(5000, 'quiesce');
    const counts = { upstreams: ['llm'], idleBefore: idle, calls: 8, idleAfter: idle };
    if (test) builder.at(12_000, { kind: 'pool-test', ...counts, ...test });
    return judgeCheck(make(), sample(12_100, idle, others)(builder).build(13_000));
  };

  test('are a pool when calls at once reuse them', () => {
    const finding = run(65, {});
    expect(finding).toMatchObject({ verdict: 'pass', measured: { value: 0 } });
    expect(finding.message).toContain(
      '63 idle connections to upstreams are a pool: 8 calls at once opened none',
    );
    expect(run(65, { idleBefore: 63 }).message).toContain('8 calls at once opened only 2');
  });

  test('are a leak when calls at once open new ones, and when nothing was tested', () => {
    expect(run(73, { idleBefore: 65 })).toMatchObject({ verdict: 'fail', measured: { value: 71 } });
    expect(run(68, { idleBefore: 65 }).verdict).toBe('fail');
    expect(run(65, null).verdict).toBe('fail');
  });

  test('prove nothing by calls that did not reach the upstream, or that went to another', () => {
    expect(run(65, { calls: 2 }).verdict).toBe('fail');
    expect(run(65, { upstreams: ['store'] }).verdict).toBe('fail');
  });

  test('excuse no more than themselves', () => {
    expect(run(65, {}, 40)).toMatchObject({ verdict: 'fail', measured: { value: 103 } });
    expect(run(65, {}, 10)).toMatchObject({ verdict: 'pass', measured: { value: 10 } });
  });
});
