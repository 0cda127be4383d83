import { expect, test } from 'vitest';
import type { EventBody, SocketCount } from '../history/history.ts';
import { history } from '../testing/history.ts';
import { hintsOf } from './hints.ts';

test('the baseline is what the target held at rest, without the connections of its clients', () => {
  const run = history()
    .at(100, processSample(30))
    .at(100, resources(1))
    .phase(200, 'baseline')
    .at(300, processSample(90))
    .at(300, resources(50))
    .build(1000);
  const { baseline, quiesced } = hintsOf(run, { llm: 9101 }, ['fds-back']);
  expect(quiesced).toBe(true);
  expect(baseline).toMatchObject({
    fds: 30,
    sockets: 3,
    fdsByKind: { file: 1 },
    fdsByPath: { '/srv/a.log': 1 },
    threadsByName: { MainThread: 1 },
  });
});

function processSample(fds: number): EventBody {
  return {
    kind: 'process',
    alive: true,
    fds,
    threads: 11,
    rssBytes: 1e8,
    cpuMs: 0,
    mainThreadCpuMs: 0,
    state: 'S',
    waitPercent: 0,
    stealPercent: 0,
    foreignPercent: 0,
    children: 0,
    costMs: 0,
  };
}

function resources(files: number): EventBody {
  const sockets = (peer: string, state: string, count: number): SocketCount => ({
    peer,
    state,
    count,
    receiveQueueBytes: 0,
    sendQueueBytes: 0,
  });
  return {
    kind: 'resources',
    fdsByKind: { file: files },
    fdsByPath: { '/srv/a.log': files },
    sockets: [
      sockets('front', 'LISTEN', 1),
      sockets('front', 'ESTABLISHED', 5),
      sockets('llm', 'ESTABLISHED', 2),
    ],
    threads: [{ name: 'MainThread', count: 1 }],
    costMs: 0,
  };
}
