import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { chat, type EventListener, listenTo, textOfDelta } from '../testing/chat.ts';
import { rawRequest } from '../testing/raw.ts';
import {
  documentText,
  eventually,
  startTarget,
  startTargetHere,
  type Target,
} from '../testing/target.ts';

const TEXT = 'One two three four five six seven eight nine ten. '.repeat(40);
const paced = (text: string) => () => ({ reply: { text, chunkCharacters: 5, everyMs: 2 } });

const textOf = ({ events }: EventListener) =>
  events
    .filter(({ event }) => event === 'delta')
    .map(textOfDelta)
    .join('');

const ended = (listener: EventListener) =>
  listener.until(({ event, data }) => event === 'turn' && data.state !== 'started');

test('every client receives the whole answer, in few pieces, each once', async () => {
  await using target = await startTargetHere({ flags: ['--idle-ms', '1100'] });
  target.model.behave(paced(TEXT));
  const listeners = await Promise.all(Array.from({ length: 4 }, () => listenTo(target.url)));
  const answer = await chat(target.url, 'Count.');
  for (const listener of listeners) {
    using own = listener;
    await ended(own);
    expect(textOf(own)).toBe(answer.text);
    const deltas = own.events.filter(({ event }) => event === 'delta');
    // 400 chunks came, 2 ms apart.
    expect(deltas.length).toBeGreaterThan(5);
    expect(deltas.length).toBeLessThan(100);
    let offset = 0;
    for (const delta of deltas) {
      expect(delta.data.offset).toBe(offset);
      offset += textOfDelta(delta).length;
    }
    expect(own.events.map(({ event }) => event).filter((name) => name === 'turn')).toHaveLength(2);
    expect(own.events.find(({ event }) => event === 'message')?.data.text).toBe('Count.');
    const stats = own.events.findLast(({ event }) => event === 'stats')?.data;
    expect(stats).toMatchObject({ messages: 2, characters: 'Count.'.length + TEXT.length });
  }
});

test('the strings of a structured answer are coalesced too, each with its path', async () => {
  await using target = await startTargetHere({ flags: ['--idle-ms', '1100'] });
  const thoughts = Array.from({ length: 300 }, (_, n) => `Thought ${n}`);
  const text = JSON.stringify({ thoughts, answer: 'Yes.' });
  target.model.behave(() => ({ reply: { text, chunkCharacters: 50, everyMs: 2 } }));
  using listener = await listenTo(target.url);
  await chat(target.url, 'Think.', { format: 'steps' });
  await ended(listener);
  const deltas = listener.events.filter(({ event }) => event === 'delta');
  expect(deltas.length).toBeLessThan(60);
  const strings: Record<string, string> = {};
  for (const { path, text } of deltas.flatMap(({ data }) => data.pieces)) {
    strings[path] = (strings[path] ?? '') + text;
  }
  expect(strings.answer).toBe('Yes.');
  expect(Object.values(strings)).toEqual([...thoughts, 'Yes.']);
});

test('a client of one session receives no events of others', async () => {
  await using target = await startTargetHere();
  const { sessionId } = await chat(target.url, 'Begin.');
  using own = await listenTo(target.url, sessionId as string);
  using all = await listenTo(target.url);
  await chat(target.url, 'Elsewhere.');
  await chat(target.url, 'Here.', { sessionId: sessionId as string });
  await ended(own);
  expect(own.events.every(({ data }) => data.sessionId === sessionId)).toBe(true);
  expect(all.events.length).toBeGreaterThan(own.events.length);
});

test('a failed turn is published as failed, an abandoned one as cancelled', async () => {
  await using target = await startTargetHere();
  using listener = await listenTo(target.url);
  target.model.behave(() => ({ status: 400 }));
  await chat(target.url, 'Fail.');
  expect((await ended(listener)).data).toMatchObject({
    state: 'failed',
    error: { code: 'model-status' },
  });
  target.model.behave(() => ({ hold: true }));
  const leaving = new AbortController();
  const turn = chat(target.url, 'Leave.', { signal: leaving.signal }).catch(() => null);
  await eventually(() => target.model.inFlight === 1);
  leaving.abort();
  await turn;
  await listener.until(({ data }) => data.state === 'cancelled');
});

/** Sends a lot to all clients: 200 messages of 54 kB each. */
async function flood(target: Target) {
  target.model.behave(() => ({ reply: { text: 'Yes.' } }));
  const message = '\u0001'.repeat(9000);
  for (let n = 0; n < 200; n++) {
    const answer = await chat(target.url, message);
    expect(answer.end).toBe('done');
  }
}

test('a client that does not read is dropped, and delays nobody', async () => {
  // It would miss pings too, so there are none: this test is about reading only.
  await using target = await startTargetHere({ flags: ['--ping-ms', '600000'] });
  using stopped = await listenTo(target.url);
  using other = await listenTo(target.url);
  stopped.socket.pause();
  await flood(target);
  stopped.socket.resume();
  expect(await eventually(() => stopped.closed)).toBe(true);
  expect(other.closed).toBe(false);
  const messages = (listener: EventListener) =>
    listener.events.filter(({ event }) => event === 'message').length;
  expect(messages(other)).toBe(200);
  expect(messages(stopped)).toBeLessThan(200);
});

test('a vanished client is dropped after two pings, others stay', async () => {
  await using target = await startTargetHere({ flags: ['--ping-ms', '200'] });
  using other = await listenTo(target.url);
  const vanished = new WebSocket(`${target.url.replace('http', 'ws')}/api/v1/events`, {
    autoPong: false,
  });
  vanished.on('error', () => {});
  const closed = new Promise((resolve) => vanished.once('close', resolve));
  await closed;
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect(other.closed).toBe(false);
});

test('a server whose own loop was blocked drops nobody', async () => {
  // The defect blocks the loop for longer than two pings, while the answer to a ping arrives.
  const flags = ['--ping-ms', '200', '--request-ms', '20000'];
  await using target = await startTarget({ defect: 'sync-work-on-loop', flags });
  const client = new WebSocket(`${target.url.replace('http', 'ws')}/api/v1/events`, {
    autoPong: false,
  });
  let pings = 0;
  let upload: Promise<unknown> | undefined;
  client.on('ping', () => {
    pings++;
    upload ??= target.upload('Large', documentText('large', 80_000));
    setTimeout(() => client.pong(), 50);
  });
  const closed = () => client.readyState === WebSocket.CLOSED;
  await eventually(() => closed() || pings > 4);
  await upload;
  expect(closed()).toBe(false);
  client.terminate();
});

test('clients beyond the limit are refused, and places become free again', async () => {
  await using target = await startTargetHere({ flags: ['--event-clients', '2'] });
  const inside = [await listenTo(target.url), await listenTo(target.url)];
  await expect(listenTo(target.url)).rejects.toThrow('503');
  for (const one of inside) one[Symbol.dispose]();
  const enters = () =>
    listenTo(target.url).then(
      (listener) => {
        listener[Symbol.dispose]();
        return true;
      },
      () => false,
    );
  expect(await eventually(enters)).toBe(true);
});

test('refused handshakes', async () => {
  await using target = await startTargetHere();
  const ws = target.url.replace('http', 'ws');
  const open = (path: string, options = {}) =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(`${ws}${path}`, options);
      socket.once('open', resolve);
      socket.once('error', reject);
    });
  await expect(open('/api/v1/events?sessionId=x')).rejects.toThrow('400');
  await expect(open('/api/v1/events', { origin: 'http://evil.example' })).rejects.toThrow('403');
  await expect(open('/api/v1/nothing')).rejects.toThrow('404');
  // A page of this server may connect.
  await open('/api/v1/events', { origin: target.url });
  const plain = await target.request('/api/v1/events');
  expect(plain).toMatchObject({ status: 426, body: { error: { code: 'not-a-websocket' } } });
  expect((await target.request('/api/v1/events', { method: 'POST' })).status).toBe(405);
});

test('a request to upgrade to another protocol is served as plain HTTP', async () => {
  await using target = await startTargetHere();
  const { text } = await rawRequest(
    target.url,
    (socket) =>
      socket.write(
        'GET /health HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n',
      ),
    (answer) => answer.includes('}'),
  );
  expect(text).toMatch(/^HTTP\/1\.1 200 /);
});

test('a client that sends too much, or not the protocol, is closed, and the server continues', async () => {
  await using target = await startTargetHere();
  using listener = await listenTo(target.url);
  listener.socket.send('x'.repeat(5000));
  expect(await eventually(() => listener.closed)).toBe(true);
  const socket = connect(Number(new URL(target.url).port), '127.0.0.1');
  socket.on('error', () => {});
  socket.write(
    'GET /api/v1/events HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n' +
      'sec-websocket-version: 13\r\nsec-websocket-key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n',
  );
  socket.once('data', () => socket.write(Buffer.alloc(4000, 0xff)));
  expect(await eventually(() => socket.closed)).toBe(true);
  expect((await target.request('/health')).status).toBe(200);
});
