/** What the embedded server has beyond Toxiproxy; off unless asked for. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { monotonicMs } from '../../platform/clock.ts';
import { startEmbeddedServer } from '../embedded/server.ts';
import { call, createTestProxy, freshName, type TestProxy } from './api-calls.ts';
import { tellingBytes } from './bytes.ts';
import { joinThrough } from './pair.ts';
import { dial, listenAsUpstream } from './peer.ts';
import { candidates, type TestedServer } from './servers.ts';

const EXTRA_TOXICS = [
  'block_connect',
  'cut_event',
  'half_close',
  'limit_connections',
  'limit_time',
  'packets',
  'shared_bandwidth',
  'slow_open',
  'stall',
];

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe.each(candidates)('$name', ({ skipped, start }) => {
  describe.skipIf(skipped)('as a plain Toxiproxy', () => {
    test('knows no extras', async () => {
      await using server = await start();
      const proxy = await createTestProxy(server.url, '127.0.0.1:1');
      for (const type of EXTRA_TOXICS) {
        const { status, text } = await proxy.api('POST', '/toxics', { type });
        expect({ status, text }).toEqual({
          status: 400,
          text: '{"error":"invalid toxic type","status":400}\n',
        });
      }
      expect((await proxy.api('GET', '/connections')).status).toBe(404);
      const only = { connection: 2, first: 2, every: -1 };
      const one = await proxy.api('POST', '/toxics', { type: 'noop', ...only });
      expect(Object.keys(JSON.parse(one.text)).sort()).toEqual([
        ...['attributes', 'name', 'stream', 'toxicity', 'type'],
      ]);
      const name = freshName();
      const body = {
        name,
        upstream: '127.0.0.1:1',
        listen: '127.0.0.1:0',
        toxics: [{ type: 'x' }],
      };
      expect((await call(server.url, 'POST', '/populate', [body])).status).toBe(201);
      expect((await call(server.url, 'GET', `/proxies/${name}/toxics`)).text).toBe('[]');
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

  test.each<[what: string, only: object, met: number[]]>([
    ['the k-th', { connection: 2 }, [2]],
    ['the first n', { first: 2 }, [1, 2]],
    ['every k-th', { every: 2 }, [2, 4]],
    ['every k-th of the first n', { every: 2, first: 3 }, [2]],
  ])('a toxic for %s connection from now on is for no other', async (_what, only, met) => {
    await using pair = await joinThrough(server.url);
    await pair.proxy.add({ type: 'limit_data', ...only, attributes: { bytes: 1 } });
    const joined = [
      pair,
      await pair.join(),
      await pair.join(),
      await pair.join(),
      await pair.join(),
    ];
    for (const [number, { client, server: peer }] of joined.entries()) {
      peer.send('12');
      if (met.includes(number)) await client.ended;
      else await client.until(2);
      expect(client.received.toString()).toBe(met.includes(number) ? '1' : '12');
    }
  });

  test.each(['connection', 'first', 'every'])('refuses a %s below 0', async (field) => {
    const proxy = await createTestProxy(server.url, '127.0.0.1:1');
    const { status, text } = await proxy.api('POST', '/toxics', { type: 'noop', [field]: -1 });
    expect(status).toBe(400);
    expect(text).toContain(`${field} must be at least 0, got -1`);
  });

  test('the list of connections has bytes, age, and who ended first', async () => {
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
        state: 'open',
        open: true,
        ageMs: expect.any(Number),
        upstreamBytes: { received: 5, sent: 5 },
        downstreamBytes: { received: 3, sent: 3 },
        endedFirst: null,
        endedHow: null,
        error: null,
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

  test('the list of connections has those that failed, and why; and a reset of ours', async () => {
    const refused = await createTestProxy(server.url, '127.0.0.1:1');
    const client = await dial(refused.listen);
    await client.ended;
    const list = async (proxy: TestProxy) =>
      JSON.parse((await proxy.api('GET', '/connections')).text) as object[];
    expect(await list(refused)).toMatchObject([
      { state: 'failed', open: false, error: 'dial tcp 127.0.0.1:1: connect: connection refused' },
    ]);
    await using pair = await joinThrough(server.url, [{ type: 'reset_peer' }]);
    pair.server.send('x');
    expect((await pair.client.ended).how).toBe('reset');
    await pair.server.ended;
    await expect
      .poll(() => list(pair.proxy))
      .toMatchObject([{ state: 'closed', endedFirst: 'toxiproxy', endedHow: 'reset' }]);
  });

  describe('toxics that come with their proxy', () => {
    const listen = '127.0.0.1:0';
    const cut = (bytes: number) => ({ type: 'limit_data', attributes: { bytes } });

    test('are there before its first client', async () => {
      const upstream = await listenAsUpstream();
      const name = freshName();
      const body = { name, listen, upstream: upstream.address, toxics: [cut(1)] };
      const created = await call(server.url, 'POST', '/proxies', body);
      expect(created.status).toBe(201);
      using client = await dial(JSON.parse(created.text).listen);
      using peer = await upstream.next();
      peer.send('12');
      await client.ended;
      expect(client.received.toString()).toBe('1');
      await upstream[Symbol.asyncDispose]();
    });

    test('replace those that are there when they are populated again, and no others do', async () => {
      const name = freshName();
      const upstream = '127.0.0.1:1';
      const populate = async (toxics?: object[]) => {
        const { listen: at = listen } = JSON.parse(
          (await call(server.url, 'GET', `/proxies/${name}`)).text,
        );
        const entry = { name, listen: at, upstream, ...(toxics ? { toxics } : {}) };
        const { status } = await call(server.url, 'POST', '/populate', [entry]);
        const { text } = await call(server.url, 'GET', `/proxies/${name}/toxics`);
        return [status, JSON.parse(text).map((toxic: { attributes: object }) => toxic.attributes)];
      };
      expect(await populate([cut(1)])).toEqual([201, [{ bytes: 1 }]]);
      expect(await populate()).toEqual([201, [{ bytes: 1 }]]);
      expect(await populate([cut(2)])).toEqual([201, [{ bytes: 2 }]]);
      expect(await populate([])).toEqual([201, []]);
    });

    test('are refused before anything is created', async () => {
      const name = freshName();
      const toxics = [{ type: 'latency', attributes: { latency: 'x' } }];
      const entry = { name, listen, upstream: '127.0.0.1:1', toxics };
      const { status, text } = await call(server.url, 'POST', '/populate', [entry]);
      expect({ status, text }).toMatchObject({
        status: 400,
        text: expect.stringContaining('latency'),
      });
      expect((await call(server.url, 'GET', `/proxies/${name}`)).status).toBe(404);
    });
  });

  describe('slow_open', () => {
    test('has a new connection wait before its upstream is asked', async () => {
      const began = monotonicMs();
      const toxic = { type: 'slow_open', attributes: { delay: 300 } };
      await using pair = await joinThrough(server.url, [toxic]);
      expect(monotonicMs() - began).toBeGreaterThan(300 - 2);
      pair.client.send('x');
      await pair.server.until(1);
    });

    test('without a delay it waits until the toxic is taken away', async () => {
      await using upstream = await listenAsUpstream();
      const proxy = await createTestProxy(server.url, upstream.address);
      await proxy.add({ type: 'slow_open' });
      using client = await dial(proxy.listen);
      client.send('early');
      const state = async () => JSON.parse((await proxy.api('GET', '/connections')).text)[0].state;
      await pause(200);
      expect(await state()).toBe('opening');
      await proxy.remove('slow_open_downstream');
      using peer = await upstream.next();
      await peer.until(5);
      expect(await state()).toBe('open');
    });
  });

  test('block_connect: a connect is neither accepted nor refused, until it is taken away', {
    timeout: 30_000,
  }, async () => {
    await using pair = await joinThrough(server.url);
    await pair.proxy.add({ type: 'block_connect' });
    const [host, port] = pair.proxy.listen.split(':');
    const socket = connect(Number(port), host);
    const seen: string[] = [];
    for (const event of ['connect', 'error'] as const) socket.on(event, () => seen.push(event));
    await pause(700);
    expect(seen).toEqual([]);
    // What is open already stays as it is.
    pair.server.send('still');
    await pair.client.until(5);
    await pair.proxy.remove('block_connect_downstream');
    await expect.poll(() => seen, { timeout: 15_000 }).toEqual(['connect']);
    socket.destroy();
    using other = await dial(pair.proxy.listen);
    expect(other.received).toHaveLength(0);
  });

  test('limit_connections: no more than so many at once', async () => {
    const toxic = { type: 'limit_connections', attributes: { connections: 2 } };
    await using pair = await joinThrough(server.url, [toxic]);
    const second = await pair.join();
    using refused = await dial(pair.proxy.listen);
    await refused.ended;
    second.client.finish();
    await second.server.ended;
    await second.client.ended;
    const third = await pair.join();
    third.client.send('x');
    await third.server.until(1);
    const { text } = await pair.proxy.api('GET', '/connections');
    expect(JSON.parse(text)[2]).toMatchObject({ state: 'failed', error: 'refused by a toxic' });
  });

  test('limit_time: a connection ends after so long, however busy it is', async () => {
    const began = monotonicMs();
    const toxic = { type: 'limit_time', attributes: { time: 300 } };
    await using pair = await joinThrough(server.url, [toxic]);
    const busy = setInterval(() => pair.server.send('x'), 5);
    const { atMs } = await pair.client.ended;
    clearInterval(busy);
    expect(atMs - began).toBeGreaterThan(300 - 2);
    expect(pair.client.received.length).toBeGreaterThan(3);
  });

  test('shared_bandwidth: all connections together get no more than the rate', async () => {
    const toxic = { type: 'shared_bandwidth', attributes: { rate: 100 } };
    await using pair = await joinThrough(server.url, [toxic]);
    const joined = [pair, await pair.join(), await pair.join(), await pair.join()];
    const began = monotonicMs();
    for (const { server: peer } of joined) peer.send('x'.repeat(10_000));
    await Promise.all(joined.map(({ client }) => client.until(10_000)));
    const took = monotonicMs() - began;
    // 40,000 bytes at 100 a millisecond; each alone would have had them in 100 ms.
    expect(took).toBeGreaterThan(400 - 10);
  });

  test('packets: what is lost comes late, in its order, and nothing is missing', async () => {
    const attributes = { latency: 5, jitter: 5, loss: 20, retransmit: 50 };
    await using pair = await joinThrough(server.url, [{ type: 'packets', attributes }]);
    const sent = tellingBytes(60_000);
    const began = monotonicMs();
    pair.server.socket.write(sent);
    await pair.client.until(sent.length);
    expect(pair.client.received.equals(sent)).toBe(true);
    // 41 packets, of which eight are lost on the average, and wait at the same time.
    expect(monotonicMs() - began).toBeGreaterThan(50);
  });
});
