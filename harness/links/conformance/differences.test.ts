/**
 * Where the embedded server differs from the real one because it means to: DIFFERENCES.md, row by row.
 * What the real one does instead is shown too, where that is quick to show and harms nothing.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { monotonicMs } from '../../platform/clock.ts';
import { startEmbeddedServer } from '../embedded/server.ts';
import { call, createTestProxy } from './api-calls.ts';
import { tellingBytes } from './bytes.ts';
import { joinThrough } from './pair.ts';
import { dial } from './peer.ts';
import { embedded, real, type TestedServer } from './servers.ts';

const latency = (ms: number) => ({ type: 'latency', attributes: { latency: ms } });

/** A reset_peer that no connection meets, and something that ends the connection. */
const SPARING_ALL = [
  { type: 'reset_peer', toxicity: 0, attributes: { timeout: 200 } },
  { type: 'limit_data', attributes: { bytes: 7 } },
  { type: 'slow_close', attributes: { delay: 100 } },
];

describe('the embedded server', () => {
  let server: TestedServer;
  beforeAll(async () => {
    server = await embedded.start();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test('answers at once while a client does not read and toxics come and go', async () => {
    await using pair = await joinThrough(server.url);
    pair.client.socket.pause();
    const sent = tellingBytes(12_000_000);
    const flushed = new Promise((resolve) => pair.server.socket.write(sent, resolve));
    // Until nothing moves any more.
    await Promise.race([flushed, new Promise((resolve) => setTimeout(resolve, 300))]);
    const times: number[] = [];
    const timed = async (action: () => Promise<unknown>): Promise<void> => {
      const began = monotonicMs();
      await action();
      times.push(monotonicMs() - began);
    };
    for (let round = 0; round < 5; round++) {
      await timed(() => pair.proxy.add(latency(100)));
      await timed(() => pair.proxy.api('PATCH', '/toxics/latency_downstream', { toxicity: 0.5 }));
      await timed(() => call(server.url, 'GET', '/proxies'));
      await timed(() => pair.proxy.remove('latency_downstream'));
    }
    times.sort((a, b) => a - b);
    // The issue's bound is 100 ms; the median keeps a busy machine out of it.
    expect(times[times.length >> 1]).toBeLessThan(100);
    pair.client.socket.resume();
    await pair.client.until(sent.length);
    expect(pair.client.received.equals(sent)).toBe(true);
  });

  test.each<[string, object, string]>([
    ['bandwidth', { rate: -1 }, 'bandwidth: rate must be at least 0, got -1'],
    ['slicer', {}, 'slicer: average_size must be at least 1, got 0'],
    ['slicer', { average_size: -5 }, 'slicer: average_size must be at least 1, got -5'],
    [
      'slicer',
      { average_size: 1, size_variation: -1 },
      'slicer: size_variation must be at least 0, got -1',
    ],
    [
      'slicer',
      { average_size: 10, size_variation: 11 },
      'slicer: size_variation must not be above average_size (10), got 11',
    ],
  ])('refuses %s %j, on which the real one crashes', async (type, attributes, why) => {
    const proxy = await createTestProxy(server.url, '127.0.0.1:1');
    const { status, text } = await proxy.api('POST', '/toxics', { type, attributes });
    expect({ status, text }).toEqual({
      status: 400,
      text: `${JSON.stringify({ error: `bad request body: ${why}`, status: 400 })}\n`,
    });
    const good = { type: 'slicer', attributes: { average_size: 10, size_variation: 10 } };
    expect((await proxy.api('POST', '/toxics', good)).status).toBe(200);
    const changed = await proxy.api('PATCH', '/toxics/slicer_downstream', {
      attributes: { average_size: 9 },
    });
    expect(changed.status).toBe(400);
  });

  test('refuses numbers that a double cannot hold', async () => {
    const proxy = await createTestProxy(server.url, '127.0.0.1:1');
    const body = '{"type":"latency","attributes":{"latency":9007199254740993}}';
    expect((await proxy.api('POST', '/toxics', body)).text).toContain(
      'cannot unmarshal number 9007199254740993 into Go struct field LatencyToxic.attributes.latency',
    );
  });

  test('survives the largest numbers that it takes', async () => {
    const largest = Number.MAX_SAFE_INTEGER;
    const toxics = [
      { type: 'latency', attributes: { latency: -largest, jitter: -largest } },
      { type: 'bandwidth', attributes: { rate: largest } },
      { type: 'slicer', attributes: { average_size: largest, size_variation: largest, delay: -1 } },
      { type: 'limit_data', attributes: { bytes: largest } },
      { type: 'slow_close', attributes: { delay: -largest } },
      { type: 'timeout', stream: 'upstream', attributes: { timeout: largest } },
      { type: 'reset_peer', stream: 'upstream', toxicity: 0, attributes: { timeout: largest } },
    ];
    await using pair = await joinThrough(server.url, toxics);
    pair.server.send('through');
    await pair.client.until(7);
    expect((await call(server.url, 'GET', '/version')).status).toBe(200);
  });

  test('listens on 127.0.0.1 when no address is given', async () => {
    const body = { name: 'untold', upstream: '127.0.0.1:1' };
    const { text } = await call(server.url, 'POST', '/proxies', body);
    expect(text).toMatch(/"listen":"127\.0\.0\.1:\d+"/);
  });

  test('refuses a body above 8 MiB', async () => {
    const { status } = await call(
      server.url,
      'POST',
      '/populate',
      ' '.repeat(9 * 1024 * 1024),
    ).catch(
      // It may close before all is sent.
      () => ({ status: 413 }),
    );
    expect(status).toBe(413);
  });

  test('leaves a toxic as it was when a change is refused', async () => {
    const proxy = await createTestProxy(server.url, '127.0.0.1:1');
    await proxy.add(latency(5));
    const change = { attributes: { latency: 7, jitter: 'x' } };
    expect((await proxy.api('PATCH', '/toxics/latency_downstream', change)).status).toBe(400);
    expect((await proxy.api('GET', '/toxics')).text).toContain('"latency":5');
  });

  test('goes on delaying when a neighbour is added', async () => {
    await using pair = await joinThrough(server.url, [latency(400)]);
    const began = monotonicMs();
    pair.server.send('x');
    await new Promise((resolve) => setTimeout(resolve, 50));
    await pair.proxy.add({ type: 'noop' });
    expect((await pair.client.until(1)) - began).toBeGreaterThan(398);
  });

  test('goes on with a held chunk at the rate that bandwidth is changed to', async () => {
    const bandwidth = { type: 'bandwidth', attributes: { rate: 0 } };
    await using pair = await joinThrough(server.url, [bandwidth]);
    const sent = tellingBytes(20_000);
    pair.server.send(sent);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const began = monotonicMs();
    await pair.proxy.api('PATCH', '/toxics/bandwidth_downstream', { attributes: { rate: 50 } });
    expect((await pair.client.until(sent.length)) - began).toBeGreaterThan(380);
    expect(pair.client.received.equals(sent)).toBe(true);
  });

  test('lets reset_peer be taken away while it waits', async () => {
    const reset = { type: 'reset_peer', attributes: { timeout: 60_000 } };
    await using pair = await joinThrough(server.url, [reset]);
    pair.server.send('swallowed');
    await new Promise((resolve) => setTimeout(resolve, 50));
    const began = monotonicMs();
    await pair.proxy.remove('reset_peer_downstream');
    expect(monotonicMs() - began).toBeLessThan(5_000);
    pair.server.send('open');
    await pair.client.until(4);
  });

  test('leaves a connection that reset_peer spares its FIN', async () => {
    await using pair = await joinThrough(server.url, SPARING_ALL);
    pair.server.send('the answer is 42');
    expect((await pair.client.ended).how).toBe('fin');
    expect(pair.client.received.toString()).toBe('the ans');
    expect((await pair.server.ended).how).toBe('fin');
  });

  test('draws toxicity from its seed, once for each connection', async () => {
    const hits = async (seed: number): Promise<string> => {
      await using seeded = await startEmbeddedServer({ port: 0, seed });
      const limit = { type: 'limit_data', toxicity: 0.5, attributes: { bytes: 1 } };
      const body = { name: 'p', listen: '127.0.0.1:0' };
      await using pair = await joinThrough(seeded.url);
      await call(seeded.url, 'POST', '/proxies', { ...body, upstream: pair.upstream.address });
      const { listen } = JSON.parse((await call(seeded.url, 'GET', '/proxies/p')).text) as {
        listen: string;
      };
      await call(seeded.url, 'POST', '/proxies/p/toxics', limit);
      let found = '';
      for (let i = 0; i < 16; i++) {
        using client = await dial(listen);
        const peer = await pair.upstream.next();
        // A neighbour that comes and goes changes nothing.
        await call(seeded.url, 'POST', '/proxies/p/toxics', { type: 'noop', name: 'n' });
        await call(seeded.url, 'DELETE', '/proxies/p/toxics/n');
        peer.send('12');
        found += await Promise.race([
          client.ended.then(() => 'x'),
          client.until(2).then(() => '-'),
        ]);
      }
      return found;
    };
    const [one, again, other] = [await hits(1), await hits(1), await hits(2)];
    expect(again).toBe(one);
    expect(other).not.toBe(one);
    expect(one).toMatch(/x/);
    expect(one).toMatch(/-/);
  });

  test('can be changed while an upstream does not answer', async () => {
    await using deaf = await listenDeaf();
    const proxy = await createTestProxy(server.url, deaf.address);
    using client = await dial(proxy.listen);
    const began = monotonicMs();
    await proxy.api('PATCH', '', { enabled: false });
    expect(monotonicMs() - began).toBeLessThan(5_000);
    expect((await client.ended).how).toBe('fin');
  });
});

describe.skipIf(real.skipped)('the real one', () => {
  test.each([
    ['bandwidth', { rate: -1 }],
    ['slicer', {}],
  ])('crashes on %s %j', async (type, attributes) => {
    await using server = await real.start();
    const pair = await joinThrough(server.url, [{ type, attributes }]);
    pair.server.send('x');
    await pair.client.ended;
    await expect(call(server.url, 'GET', '/version')).rejects.toMatchObject({ code: /ECONN/ });
    pair.client[Symbol.dispose]();
    await pair.upstream[Symbol.asyncDispose]();
  });

  test('makes every end a reset where there is a reset_peer that spares all', async () => {
    await using server = await real.start();
    await using pair = await joinThrough(server.url, SPARING_ALL);
    pair.server.send('the answer is 42');
    expect((await pair.client.ended).how).toBe('reset');
    expect(pair.client.received.toString()).toBe('the ans');
    expect((await pair.server.ended).how).toBe('reset');
  });

  test('lets go of what latency holds when a neighbour is added', async () => {
    await using server = await real.start();
    await using pair = await joinThrough(server.url, [latency(60_000)]);
    pair.server.send('x');
    await new Promise((resolve) => setTimeout(resolve, 50));
    await pair.proxy.add({ type: 'noop' });
    await pair.client.until(1);
  });
});

/** A listener whose queue is full: a connection to it is neither accepted nor refused. */
async function listenDeaf() {
  const program = `
    const server = require('node:net').createServer();
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      require('node:fs').writeSync(1, String(server.address().port));
      // Holds the event loop, so that nothing is accepted, without using the processor.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  const address = `127.0.0.1:${said}`;
  const { connect } = await import('node:net');
  const fill = Array.from({ length: 4 }, () =>
    connect(Number(said), '127.0.0.1').on('error', () => {}),
  );
  await once(fill[0] as (typeof fill)[number], 'connect');
  return {
    address,
    async [Symbol.asyncDispose]() {
      for (const socket of fill) socket.destroy();
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
