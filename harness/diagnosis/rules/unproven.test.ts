/** What looks like a structure that nobody can end, and is none: it waits. Nothing runs here. */
import { expect, test } from 'vitest';
import type { AwaitFacts } from '../facts/await-facts.ts';
import type { Facts } from '../facts/facts.ts';
import type { GoroutineFacts } from '../facts/runtime-facts.ts';
import { recorded, recordedWith } from '../fixtures/recorded.ts';
import { diagnosisOf } from '../index.ts';

const patient = { asked: { requestLimitMs: 600_000 } };

test('a goroutine that seems to wait for work may hold the lock', () => {
  const facts = recorded('go-locked-mutex');
  const { goroutines } = facts.processes[0]!;
  const idle: GoroutineFacts['goroutines'][number] = {
    id: 999,
    reason: 'chan receive',
    frames: [
      {
        function: 'main.sweep',
        file: '/srv/main.go',
        line: 7,
        column: 0,
        origin: 'program',
      },
    ],
  };
  const withIdle = recordedWith('go-locked-mutex', {
    ...patient,
    process: {
      goroutines: { because: '', goroutines: [...goroutines!.goroutines, idle] },
    },
  });
  expect(diagnosisOf(facts)).toMatchObject({ code: 'abandoned-lock', decided: true });
  expect(diagnosisOf(withIdle).decided).toBe(false);
});

/** A request that waits for the upstream's socket, in the state that is given. */
function atUpstream(state: object): Facts {
  const [process] = recorded('silent-upstream').processes;
  const peers = Object.values((process!.awaits as AwaitFacts).peers);
  const sockets = process!.outside!.sockets.map((socket) =>
    peers.some((peer) => peer?.remotePort === socket.remotePort) ? { ...socket, ...state } : socket,
  );
  return recordedWith('silent-upstream', { ...patient, outside: { sockets } });
}

test('an answer that is not read yet, or a connection not closed yet, may be a moment later', () => {
  for (const state of [{ receiveQueueBytes: 500 }, { state: 'CLOSE_WAIT' }]) {
    expect(diagnosisOf(atUpstream(state))).toMatchObject({ code: 'waiting', decided: false });
  }
});
