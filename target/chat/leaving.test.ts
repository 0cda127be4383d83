import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { chat } from '../testing/chat.ts';
import { eventually, startTargetHere, type Target } from '../testing/target.ts';

/** The promise: after a client disconnects, the model is free within this time. */
const FREED_MS = 2000;
/** A silence that a busy machine does not reach between two pieces of an answer. */
const PATIENT = ['--idle-ms', '1100'];

test('a client that disconnects frees the model and its session', async () => {
  await using target = await startTargetHere({ flags: PATIENT });
  target.model.behave(() => ({ reply: { text: 'x'.repeat(100_000), everyMs: 20 } }));
  const leaving = new AbortController();
  let sessionId = '';
  const turn = chat(target.url, 'Go on.', {
    signal: leaving.signal,
    onEvent({ event, data }) {
      if (event === 'session') sessionId = data.sessionId;
      if (event === 'delta') leaving.abort();
    },
  });
  await expect(turn).rejects.toThrow();
  expect(await eventually(() => target.model.inFlight === 0, FREED_MS)).toBe(true);
  expect(target.model.abandoned).toBe(1);
  target.model.behave(null);
  expect(await chat(target.url, 'Again.', { sessionId })).toMatchObject({ end: 'done' });
});

/** Begins a turn over a bare socket. */
function beginTurn(target: Target, message: string) {
  const body = JSON.stringify({ message });
  const socket = connect(Number(new URL(target.url).port), '127.0.0.1');
  socket.on('error', () => {});
  socket.write(
    'POST /api/v1/chat HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n' +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  return socket;
}

test('so does one that first closes its sending half only', async () => {
  await using target = await startTargetHere({ flags: PATIENT });
  target.model.behave(() => ({ reply: { text: 'x'.repeat(100_000), everyMs: 20 } }));
  const socket = beginTurn(target, 'Go on.');
  await eventually(() => target.model.inFlight === 1);
  socket.end();
  let bytes = 0;
  socket.on('data', (piece) => {
    bytes += piece.length;
  });
  // It still receives its answer.
  expect(await eventually(() => bytes > 2000)).toBe(true);
  socket.destroy();
  expect(await eventually(() => target.model.inFlight === 0, FREED_MS)).toBe(true);
});

test('a client that does not read is dropped, which frees the model', async () => {
  await using target = await startTargetHere({
    flags: ['--answer-characters', '1000000', ...PATIENT],
  });
  // Each character takes six bytes: more in all than the kernel buffers of both sides.
  const text = '\u0001'.repeat(900_000);
  target.model.behave(() => ({ reply: { text, chunkCharacters: 9000, everyMs: 5 } }));
  const socket = beginTurn(target, 'Go on.');
  socket.pause();
  await eventually(() => target.model.inFlight === 1);
  await eventually(() => target.model.inFlight === 0);
  // The model had more to say.
  expect(target.model.abandoned).toBe(1);
  socket.destroy();
  target.model.behave(null);
  expect(await chat(target.url, 'Again.')).toMatchObject({ end: 'done' });
});

test('a turn beyond the limit is refused at once, and places become free again', async () => {
  await using target = await startTargetHere({ flags: ['--turns-at-once', '2'] });
  target.model.behave(() => ({ hold: true }));
  const leaving = new AbortController();
  const inside = [1, 2].map(() =>
    chat(target.url, 'Wait.', { signal: leaving.signal }).catch(() => null),
  );
  await eventually(() => target.model.inFlight === 2);
  expect(await chat(target.url, 'Third.')).toMatchObject({
    status: 503,
    body: { error: { code: 'too-many-turns' } },
  });
  leaving.abort();
  await Promise.all(inside);
  target.model.behave(null);
  expect(
    await eventually(async () => (await chat(target.url, 'Fourth.')).end === 'done', FREED_MS),
  ).toBe(true);
});

test('a session that is deleted during a turn ends it with an error', async () => {
  await using target = await startTargetHere({ flags: PATIENT });
  target.model.behave(() => ({ delayMs: 300 }));
  const turn = chat(target.url, 'Go on.', {
    async onEvent({ event, data }) {
      if (event !== 'session') return;
      await eventually(() => target.model.inFlight === 1);
      await target.request(`/api/v1/sessions/${data.sessionId}`, { method: 'DELETE' });
    },
  });
  const answer = await turn;
  expect(answer.events.at(-1)?.data.code).toBe('session-gone');
  const { status } = await target.request(`/api/v1/sessions/${answer.sessionId}`);
  expect(status).toBe(404);
});
