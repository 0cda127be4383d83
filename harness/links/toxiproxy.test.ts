import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { startToxiproxy } from './toxiproxy.ts';

async function echoServer() {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close();
    },
  };
}

async function echo(port: number, text: string): Promise<{ text: string; ms: number }> {
  const socket = connect(port, '127.0.0.1');
  const began = performance.now();
  socket.write(text);
  let got = '';
  for await (const part of socket) {
    got += part;
    if (got.length >= text.length) break;
  }
  return { text: got, ms: performance.now() - began };
}

describe('the embedded Toxiproxy', () => {
  test('carries bytes, delays them while a toxic is there, and can be taken down and up', async () => {
    await using upstream = await echoServer();
    await using toxiproxy = await startToxiproxy({ provider: 'embedded', seed: 1 });
    expect(toxiproxy).toMatchObject({ provider: 'embedded', version: '2.12.0' });
    expect(await toxiproxy.ping()).toMatchObject({ ok: true });
    await using link = await toxiproxy.link({ name: 'front', upstream: upstream.address });
    expect(link.host).toBe('127.0.0.1');
    expect((await echo(link.port, 'hello')).text).toBe('hello');
    {
      await using _slow = await link.toxic({ type: 'latency', attributes: { latency: 300 } });
      expect((await echo(link.port, 'hello')).ms).toBeGreaterThan(299);
    }
    {
      await using _down = await link.disable();
      await expect(echo(link.port, 'x')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    }
    expect((await echo(link.port, 'again')).text).toBe('again');
  });

  test('ends with its signal, and then disposing what it carried is no error', async () => {
    const controller = new AbortController();
    const trouble: string[] = [];
    const toxiproxy = await startToxiproxy({
      provider: 'embedded',
      seed: 1,
      signal: controller.signal,
      onTrouble: (message) => trouble.push(message),
    });
    const link = await toxiproxy.link({ name: 'front', upstream: '127.0.0.1:9' });
    const toxic = await link.toxic({ type: 'timeout', attributes: { timeout: 0 } });
    controller.abort();
    await toxiproxy[Symbol.asyncDispose]();
    await toxic[Symbol.asyncDispose]();
    await link[Symbol.asyncDispose]();
    expect((await toxiproxy.ping()).ok).toBe(false);
    expect(trouble).toEqual([]);
  });

  test('says what the server refused', async () => {
    await using toxiproxy = await startToxiproxy({ provider: 'embedded', seed: 1 });
    const link = await toxiproxy.link({ name: 'front', upstream: '127.0.0.1:9' });
    await expect(toxiproxy.link({ name: 'front', upstream: '127.0.0.1:9' })).rejects.toThrow(
      /already has a proxy "front".*curl -X DELETE http:.*\/proxies\/front/,
    );
    await expect(link.toxic({ type: 'bandwidth', attributes: { rate: -1 } })).rejects.toThrow(
      /400 .*rate must be at least 0, got -1/,
    );
    await expect(link.toxic({ type: 'latencies' as 'latency' })).rejects.toThrow(
      'there is no toxic "latencies": known are latency, bandwidth, slow_close, timeout, reset_peer, ' +
        'slicer, limit_data, noop, block_connect, cut_event, half_close, limit_connections, limit_time, ' +
        'packets, shared_bandwidth, slow_open, stall. Did you mean "latency"?',
    );
    await expect(toxiproxy.link({ name: 'a/b', upstream: '127.0.0.1:9' })).rejects.toThrow(
      /"a\/b" cannot be the name of a link/,
    );
  });
});

describe('a Toxiproxy given by URL', () => {
  test('that is dead: says which, why, and what to do, and cannot run here', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    await once(closed, 'close');
    const starting = startToxiproxy({ provider: 'url', url: `http://127.0.0.1:${port}`, seed: 1 });
    await expect(starting).rejects.toMatchObject({ code: 'toxiproxy-unreachable', exitCode: 4 });
    await expect(starting).rejects.toThrow(new RegExp(`127.0.0.1:${port}.*ECONNREFUSED.*embedded`));
  });

  test.each([
    'http://example.com:8474',
    'ftp://127.0.0.1',
    'nonsense',
  ])('%s is refused', async (url) => {
    await expect(startToxiproxy({ provider: 'url', url, seed: 1 })).rejects.toMatchObject({
      code: 'toxiproxy-url',
      exitCode: 3,
    });
  });

  test('is used, and left without the links that were made on it', async () => {
    await using owner = await startToxiproxy({ provider: 'embedded', seed: 1 });
    {
      await using user = await startToxiproxy({ provider: 'url', url: owner.url, seed: 1 });
      await user.link({ name: 'front', upstream: '127.0.0.1:9' });
    }
    const left = await fetch(`${owner.url}/proxies`);
    expect(await left.json()).toEqual({});
  });
});
