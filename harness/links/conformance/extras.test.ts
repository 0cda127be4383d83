/** What the embedded server has beyond Toxiproxy; off unless asked for. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { monotonicMs } from '../../platform/clock.ts';
import { startEmbeddedServer } from '../embedded/server.ts';
import { createTestProxy } from './api-calls.ts';
import { tellingBytes } from './bytes.ts';
import { joinThrough } from './pair.ts';
import { candidates, type TestedServer } from './servers.ts';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe.each(candidates)('$name', ({ skipped, start }) => {
  describe.skipIf(skipped)('as a plain Toxiproxy', () => {
    test('knows no extras', async () => {
      await using server = await start();
      const proxy = await createTestProxy(server.url, '127.0.0.1:1');
      for (const type of ['half_close', 'stall', 'cut_event']) {
        const { status, text } = await proxy.api('POST', '/toxics', { type });
        expect({ status, text }).toEqual({
          status: 400,
          text: '{"error":"invalid toxic type","status":400}\n',
        });
      }
      expect((await proxy.api('GET', '/connections')).status).toBe(404);
      const one = await proxy.api('POST', '/toxics', { type: 'noop', connection: 2 });
      expect(one.text).not.toContain('connection');
    });
  });
});

describe('with extras', () => {
  let server: TestedServer;
  beforeAll(async () => {
    server = await startEmbeddedServer({ port: 0, seed: 1, extras: true });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test('an extra toxic is marked as one', async () => {
    const proxy = await createTestProxy(server.url, '127.0.0.1:1');
    const { text } = await proxy.api('POST', '/toxics', { type: 'half_close', connection: 3 });
    expect(JSON.parse(text)).toEqual({
      attributes: {},
      name: 'half_close_downstream',
      type: 'half_close',
      stream: 'downstream',
      toxicity: 1,
      connection: 3,
      extra: true,
    });
    const plain = await proxy.api('POST', '/toxics', { type: 'noop' });
    expect(JSON.parse(plain.text)).not.toHaveProperty('extra');
  });

  describe('half_close', () => {
    const halfClose = { type: 'half_close', stream: 'upstream' };

    test('lets a client that has finished sending read the whole answer', async () => {
      await using pair = await joinThrough(server.url, [halfClose]);
      pair.client.send('question');
      pair.client.finish();
      expect((await pair.server.ended).how).toBe('fin');
      expect(pair.server.received.toString()).toBe('question');
      expect(pair.client.hasEnded).toBe(false);
      const answer = tellingBytes(500_000);
      pair.server.send(answer);
      pair.server.finish();
      expect((await pair.client.ended).how).toBe('fin');
      expect(pair.client.received.equals(answer)).toBe(true);
    });

    test('does not hide that the half-closed end has gone', async () => {
      await using pair = await joinThrough(server.url, [halfClose]);
      pair.client.finish();
      await pair.server.ended;
      pair.client.socket.destroy();
      // The server finds out as it writes: its writes fail once the connection is gone.
      const closed = new Promise((resolve) => pair.server.socket.once('close', resolve));
      const writing = setInterval(() => pair.server.send('more'), 10);
      await closed;
      clearInterval(writing);
    });
  });

  describe('stall', () => {
    test('begins after so many bytes, ends after so long, and loses nothing', async () => {
      const toxic = { type: 'stall', attributes: { after: 10, duration: 400 } };
      await using pair = await joinThrough(server.url, [toxic]);
      const sent = tellingBytes(200_000);
      const began = monotonicMs();
      pair.server.send(sent);
      await pair.client.until(10);
      await pause(100);
      expect(pair.client.received.length).toBe(10);
      expect((await pair.client.until(sent.length)) - began).toBeGreaterThan(398);
      expect(pair.client.received.equals(sent)).toBe(true);
    });

    test('ends when so many bytes are held back', async () => {
      const toxic = { type: 'stall', attributes: { bytes: 50_000 } };
      await using pair = await joinThrough(server.url, [toxic]);
      const sent = tellingBytes(50_000);
      pair.server.send(sent.subarray(0, 49_000));
      await pause(150);
      expect(pair.client.received.length).toBe(0);
      pair.server.send(sent.subarray(49_000));
      await pair.client.until(sent.length);
      expect(pair.client.received.equals(sent)).toBe(true);
    });

    test('without an end holds data and end until it is taken away', async () => {
      await using pair = await joinThrough(server.url, [{ type: 'stall' }]);
      pair.server.send('held');
      pair.server.finish();
      await pause(150);
      expect(pair.client.received.length).toBe(0);
      expect(pair.client.hasEnded).toBe(false);
      await pair.proxy.remove('stall_downstream');
      expect((await pair.client.ended).how).toBe('fin');
      expect(pair.client.received.toString()).toBe('held');
    });

    test('that counts bytes gives all back when it is taken away', async () => {
      const toxic = { type: 'stall', attributes: { bytes: 1_000_000 } };
      await using pair = await joinThrough(server.url, [toxic]);
      const sent = tellingBytes(300_000);
      pair.server.send(sent);
      await pause(100);
      await pair.proxy.remove('stall_downstream');
      await pair.client.until(sent.length);
      expect(pair.client.received.equals(sent)).toBe(true);
    });
  });

  describe('cut_event', () => {
    const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n';
    const answer = `${head}data: one\n\n: a comment\n\nevent: x\ndata: two\n\ndata: three\n\n`;

    test.each([
      [1, 0, `${head}data: one\n\n`],
      [2, 0, `${head}data: one\n\n: a comment\n\nevent: x\ndata: two\n\n`],
      [2, 8, `${head}data: one\n\n: a comment\n\nevent: x\ndata: two\n\ndata: th`],
      [0, 5, 'HTTP/'],
    ])('closes after %i events and %i bytes', async (events, bytes, passed) => {
      const toxic = { type: 'cut_event', attributes: { events, bytes } };
      await using whole = await joinThrough(server.url, [toxic]);
      whole.server.send(answer);
      expect((await whole.client.ended).how).toBe('fin');
      expect(whole.client.received.toString()).toBe(passed);
      const dripping = await whole.join();
      for (const letter of answer) dripping.server.send(letter);
      await dripping.client.ended;
      expect(dripping.client.received.toString()).toBe(passed);
    });

    test('does not take the parts of a chunked body for events', async () => {
      const chunked = `${head}b\r\ndata: one\n\n\r\nb\r\ndata: two\n\n\r\n`;
      const toxic = { type: 'cut_event', attributes: { events: 2, bytes: 0 } };
      await using pair = await joinThrough(server.url, [toxic]);
      pair.server.send(`${chunked}rest`);
      await pair.client.ended;
      expect(pair.client.received.toString()).toBe(chunked.slice(0, -2));
    });
  });

  test('a toxic for the k-th connection is for that one only', async () => {
    await using pair = await joinThrough(server.url);
    await pair.proxy.add({ type: 'limit_data', connection: 2, attributes: { bytes: 1 } });
    const joined = [pair, await pair.join(), await pair.join(), await pair.join()];
    for (const { server: peer } of joined) peer.send('12');
    const second = joined[2] as (typeof joined)[number];
    await second.client.ended;
    for (const other of joined) if (other !== second) await other.client.until(2);
    expect(second.client.received.toString()).toBe('1');
  });

  test('the list of connections tells bytes, age, and who ended first', async () => {
    await using pair = await joinThrough(server.url);
    pair.client.send('12345');
    pair.server.send('123');
    await Promise.all([pair.server.until(5), pair.client.until(3)]);
    const list = async () => JSON.parse((await pair.proxy.api('GET', '/connections')).text);
    const { localPort } = pair.client.socket;
    expect(await list()).toEqual([
      {
        connection: 1,
        client: `127.0.0.1:${localPort}`,
        upstream: pair.upstream.address,
        open: true,
        ageMs: expect.any(Number),
        upstreamBytes: { received: 5, sent: 5 },
        downstreamBytes: { received: 3, sent: 3 },
        endedFirst: null,
        endedHow: null,
      },
    ]);
    pair.server.finish();
    await pair.client.ended;
    const second = await pair.join();
    second.client.reset();
    await second.server.ended;
    const third = await pair.join();
    await pair.proxy.api('PATCH', '', { enabled: false });
    await third.client.ended;
    const endings = (await list()).map(
      ({ open, endedFirst, endedHow }: Record<string, unknown>) => [open, endedFirst, endedHow],
    );
    expect(endings).toEqual([
      [false, 'upstream', 'fin'],
      [false, 'client', 'reset'],
      [false, 'toxiproxy', 'closed'],
    ]);
  });
});
