/** What a proxy does to a connection without any toxic: bytes, ends, and the API's live changes. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call, createTestProxy } from './api-calls.ts';
import { tellingBytes } from './bytes.ts';
import { joinThrough } from './pair.ts';
import { dial } from './peer.ts';
import { candidates, type TestedServer } from './servers.ts';
import { canReadTcpStates, untilTcpState } from './tcp-state.ts';

describe.each(candidates)('$name', ({ skipped, start }) => {
  describe.skipIf(skipped)('a connection', () => {
    let server: TestedServer;
    beforeAll(async () => {
      server = await start();
    });
    afterAll(() => server[Symbol.asyncDispose]());

    test.concurrent('carries megabytes both ways, unchanged', async () => {
      await using pair = await joinThrough(server.url);
      const up = tellingBytes(5_000_000, 1);
      const down = tellingBytes(5_000_000, 2);
      pair.client.send(up);
      pair.server.send(down);
      await Promise.all([pair.server.until(up.length), pair.client.until(down.length)]);
      expect(pair.server.received.equals(up)).toBe(true);
      expect(pair.client.received.equals(down)).toBe(true);
    });

    test.concurrent.each<[string, object[]]>([
      ['no toxic', []],
      ['a toxic', [{ type: 'noop' }]],
      ['toxics', [{ type: 'noop' }, { type: 'slicer', attributes: { average_size: 20_000 } }]],
    ])('with %s waits for a client that does not read, and loses nothing', async (_, toxics) => {
      await using pair = await joinThrough(server.url, toxics);
      pair.client.socket.pause();
      const sent = tellingBytes(12_000_000);
      const flushed = new Promise((resolve) => pair.server.socket.write(sent, resolve));
      // Once the kernel's and the proxy's buffers are full, the sender is held up.
      const early = await Promise.race([
        flushed.then(() => 'flushed'),
        new Promise((resolve) => setTimeout(() => resolve('held up'), 1_500)),
      ]);
      expect(early).toBe('held up');
      pair.client.socket.resume();
      await pair.client.until(sent.length);
      expect(pair.client.received.equals(sent)).toBe(true);
    });

    test.concurrent.each([
      'client',
      'server',
    ] as const)('cannot be half closed: the FIN of the %s closes both ways', async (first) => {
      await using pair = await joinThrough(server.url);
      const second = first === 'client' ? 'server' : 'client';
      pair[first].send('last words');
      pair[first].finish();
      expect((await pair[second].ended).how).toBe('fin');
      expect(pair[second].received.toString()).toBe('last words');
      // The one that only finished sending is closed too, without the other having ended.
      expect((await pair[first].ended).how).toBe('fin');
    });

    test.concurrent.each([
      'client',
      'server',
    ] as const)('turns the RST of the %s into a FIN for the other', async (first) => {
      await using pair = await joinThrough(server.url);
      pair[first].reset();
      expect((await pair[first === 'client' ? 'server' : 'client'].ended).how).toBe('fin');
    });

    test.skipIf(!canReadTcpStates)(
      'leaves the end that closed nothing in CLOSE_WAIT until it closes',
      async () => {
        await using pair = await joinThrough(server.url);
        const { localPort = 0, remotePort = 0 } = pair.client.socket;
        pair.server.finish();
        await pair.client.ended;
        expect(await untilTcpState(localPort, remotePort, 'CLOSE_WAIT')).toBe('CLOSE_WAIT');
        expect(await untilTcpState(remotePort, localPort, 'FIN_WAIT2')).toBe('FIN_WAIT2');
        pair.client.finish();
        expect(await untilTcpState(localPort, remotePort, 'none')).toBe('none');
      },
    );

    test.concurrent('is closed at once when nobody listens upstream', async () => {
      const proxy = await createTestProxy(server.url, '127.0.0.1:1');
      using client = await dial(proxy.listen);
      expect((await client.ended).how).toBe('fin');
    });

    test.concurrent.each([
      'nowhere',
      '127.0.0.1:abc',
      '127.0.0.1:99999',
      '[::1:80',
      ':1',
      '127.0.0.1:',
    ])('is closed at once when its upstream is %s', async (upstream) => {
      const proxy = await createTestProxy(server.url, upstream);
      using client = await dial(proxy.listen);
      expect((await client.ended).how).toBe('fin');
    });

    test.concurrent('ends when its proxy is disabled, which then refuses, and comes back', async () => {
      await using pair = await joinThrough(server.url);
      await pair.proxy.api('PATCH', '', { enabled: false });
      expect((await pair.client.ended).how).toBe('fin');
      expect((await pair.server.ended).how).toBe('fin');
      const refused = connect(Number(pair.proxy.listen.split(':')[1]), '127.0.0.1');
      const [error] = (await once(refused, 'error')) as [NodeJS.ErrnoException];
      expect(error.code).toBe('ECONNREFUSED');
      await pair.proxy.api('PATCH', '', { enabled: true });
      const again = await pair.join();
      again.client.send('back');
      await again.server.until(4);
      expect(again.server.received.toString()).toBe('back');
    });

    test.concurrent('ends when its proxy is removed', async () => {
      await using pair = await joinThrough(server.url);
      await pair.proxy.api('DELETE');
      expect((await pair.client.ended).how).toBe('fin');
      expect((await pair.server.ended).how).toBe('fin');
    });

    test.concurrent('ends when its proxy gets another upstream, to which the next one goes', async () => {
      await using pair = await joinThrough(server.url);
      await using other = await joinThrough(server.url);
      await pair.proxy.api('PATCH', '', { upstream: other.upstream.address });
      expect((await pair.client.ended).how).toBe('fin');
      using client = await dial(pair.proxy.listen);
      const upstream = await other.upstream.next();
      client.send('moved');
      await upstream.until(5);
      expect(upstream.received.toString()).toBe('moved');
    });

    test.concurrent('stays when its proxy is updated to what it is already', async () => {
      await using pair = await joinThrough(server.url);
      const { proxy, upstream } = pair;
      await proxy.api('PATCH', '', { listen: proxy.listen, upstream: upstream.address });
      const entry = { name: proxy.name, listen: proxy.listen, upstream: upstream.address };
      await call(server.url, 'POST', '/populate', [entry]);
      pair.client.send('still there');
      await pair.server.until(11);
      expect(pair.client.hasEnded).toBe(false);
    });
  });
});
