import { expect, test } from 'vitest';
import type { CheckId } from '../checks/check-ids.ts';
import type { SocketCount } from '../history/events.ts';
import type { History } from '../history/history.ts';
import { history } from '../testing/history.ts';
import { RunHintsFold } from './hints.ts';

function hintsOf({ events, untilMs }: History, failed: readonly CheckId[]) {
  const hints = new RunHintsFold();
  for (const event of events) hints.push(event);
  return hints.at(untilMs, { llm: 9101 }, failed);
}

const socket = (peer: string, state: string, count: number): SocketCount => ({
  ...{ peer, state, count, receiveQueueBytes: 0, sendQueueBytes: 0 },
});

const held = (files: number) => ({
  fdsByKind: { file: files },
  fdsByPath: { '/srv/a.log': files },
  sockets: [
    socket('front', 'LISTEN', 1),
    socket('front', 'ESTABLISHED', 5),
    socket('llm', 'ESTABLISHED', 2),
  ],
  threads: [{ name: 'MainThread', count: 1 }],
});

test('the baseline is what the target held at rest, without the connections of its clients', () => {
  const run = history()
    .process(100, { fds: 30 })
    .resources(100, held(1))
    .phase(200, 'baseline')
    .process(300, { fds: 90 })
    .resources(300, held(50))
    .build(1000);
  const { baseline, quiesced } = hintsOf(run, ['fds-back']);
  expect(quiesced).toBe(true);
  expect(baseline).toMatchObject({
    fds: 30,
    sockets: 3,
    fdsByKind: { file: 1 },
    fdsByPath: { '/srv/a.log': 1 },
    threadsByName: { MainThread: 1 },
  });
});

test('what is in flight, how long nothing was finished, and what is late', () => {
  const run = history()
    .phase(0, 'baseline')
    .request(1000)
    .call(1200)
    .call(1300, 100)
    .work(500)
    .progress(600, 2, 1)
    .progress(5000, 2, 1)
    .build(6000, false);
  expect(hintsOf(run, ['progress'])).toMatchObject({
    requestsInFlight: [{ operation: 'write', ageMs: 5000 }],
    upstreamInFlight: [{ upstream: 'llm', operation: 'chat', ageMs: 4800, silentMs: 4800 }],
    progressFlatMs: 5400,
    lateWorkMs: 5500,
    healthFailed: false,
  });
});
