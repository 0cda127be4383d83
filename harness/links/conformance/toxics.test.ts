/** What each toxic does to the bytes and ends of a connection, seen from raw sockets. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { monotonicMs } from '../../platform/clock.ts';
import { call } from './api-calls.ts';
import { tellingBytes } from './bytes.ts';
import { joinThrough } from './pair.ts';
import type { Peer } from './peer.ts';
import { candidates, type TestedServer } from './servers.ts';
import { canReadTcpStates, untilTcpState } from './tcp-state.ts';

/** Timers never fire early; this allows for clocks that round. */
const SLACK_MS = 2;
/** What a busy machine may add. Nothing here distinguishes by less. */
const LATE_MS = 3_000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Still nothing after a while in which, without the toxic, it would long have come. */
async function staysSilent(peer: Peer, bytes = 0): Promise<void> {
  await pause(150);
  expect(peer.received.length).toBe(bytes);
  expect(peer.hasEnded).toBe(false);
}

describe.each(candidates)('$name', ({ skipped, start }) => {
  describe.skipIf(skipped)('the toxic', () => {
    let server: TestedServer;
    beforeAll(async () => {
      server = await start();
    });
    afterAll(() => server[Symbol.asyncDispose]());

    describe('latency', () => {
      const latency = (ms: number, more: object = {}) => ({
        type: 'latency',
        attributes: { latency: ms },
        ...more,
      });

      test.concurrent('delays one direction only', async () => {
        await using pair = await joinThrough(server.url, [latency(1_000)]);
        const began = monotonicMs();
        pair.client.send('up');
        expect((await pair.server.until(2)) - began).toBeLessThan(1_000);
        const answered = monotonicMs();
        pair.server.send('down');
        const took = (await pair.client.until(4)) - answered;
        expect(took).toBeGreaterThan(1_000 - SLACK_MS);
        expect(took).toBeLessThan(1_000 + LATE_MS);
      });

      test.concurrent('shifts chunks in time, and keeps their distance', async () => {
        await using pair = await joinThrough(server.url, [latency(500, { stream: 'upstream' })]);
        const began = monotonicMs();
        let lastSent = began;
        for (let chunk = 0; chunk < 8; chunk++) {
          pair.client.send('x');
          lastSent = monotonicMs();
          await pause(30);
        }
        const arrived = await pair.server.until(8);
        expect(arrived - lastSent).toBeGreaterThan(500 - SLACK_MS);
        // Delayed one after the other, it would be eight times the latency.
        expect(arrived - began).toBeLessThan(8 * 500);
      });

      test.concurrent('does not delay the end itself, which queues behind the data', async () => {
        await using idle = await joinThrough(server.url, [latency(20_000)]);
        const began = monotonicMs();
        idle.server.finish();
        expect((await idle.client.ended).atMs - began).toBeLessThan(10_000);
        await using busy = await joinThrough(server.url, [latency(300)]);
        const sent = monotonicMs();
        busy.server.send('data');
        busy.server.finish();
        const ended = await busy.client.ended;
        expect(ended.atMs - sent).toBeGreaterThan(300 - SLACK_MS);
        expect(busy.client.received.toString()).toBe('data');
      });

      test.concurrent('taken away, lets go of all that it held, in order', async () => {
        await using pair = await joinThrough(server.url, [latency(60_000)]);
        const sent = tellingBytes(3_000_000);
        pair.server.send(sent);
        await staysSilent(pair.client);
        await pair.proxy.remove('latency_downstream');
        await pair.client.until(sent.length);
        expect(pair.client.received.equals(sent)).toBe(true);
      });

      test.concurrent('changed, counts for what comes then', async () => {
        await using pair = await joinThrough(server.url, [latency(60_000)]);
        await pair.proxy.api('PATCH', '/toxics/latency_downstream', { attributes: { latency: 1 } });
        pair.server.send('soon');
        const began = monotonicMs();
        expect((await pair.client.until(4)) - began).toBeLessThan(LATE_MS);
      });

      test.concurrent('swings by no more than its jitter', async () => {
        const toxic = { type: 'latency', attributes: { latency: 200, jitter: 100 } };
        await using pair = await joinThrough(server.url, [toxic]);
        for (let round = 1; round <= 4; round++) {
          const began = monotonicMs();
          pair.server.send('x');
          const took = (await pair.client.until(round)) - began;
          expect(took).toBeGreaterThan(100 - SLACK_MS);
          expect(took).toBeLessThan(300 + LATE_MS);
        }
      });
    });

    describe('bandwidth', () => {
      const rate = (kiloBytes: number) => ({ type: 'bandwidth', attributes: { rate: kiloBytes } });

      test.concurrent('counts 1000 bytes to the KB, and loses none', async () => {
        await using pair = await joinThrough(server.url, [rate(200)]);
        const sent = tellingBytes(100_000);
        const began = monotonicMs();
        pair.server.send(sent);
        const took = (await pair.client.until(sent.length)) - began;
        expect(took).toBeGreaterThan(450);
        expect(took).toBeLessThan(500 + LATE_MS);
        expect(pair.client.received.equals(sent)).toBe(true);
      });

      test.concurrent('sends evenly, not in one burst at the end', async () => {
        await using pair = await joinThrough(server.url, [rate(50)]);
        const began = monotonicMs();
        pair.server.send(tellingBytes(50_000));
        const early = (await pair.client.until(1)) - began;
        const whole = (await pair.client.until(50_000)) - began;
        expect(early).toBeLessThan(whole / 2);
      });

      test.concurrent('of 0 holds data and the end behind it, until it is taken away', async () => {
        await using pair = await joinThrough(server.url, [rate(0)]);
        pair.server.send('held');
        pair.server.finish();
        await staysSilent(pair.client);
        await pair.proxy.remove('bandwidth_downstream');
        expect((await pair.client.ended).how).toBe('fin');
        expect(pair.client.received.toString()).toBe('held');
      });

      test.concurrent('of 0 lets an end pass when no data came before it', async () => {
        await using pair = await joinThrough(server.url, [rate(0)]);
        pair.server.finish();
        expect((await pair.client.ended).how).toBe('fin');
      });

      test.skipIf(!canReadTcpStates)(
        'of 0 leaves the sender that finished in FIN_WAIT2',
        async () => {
          await using pair = await joinThrough(server.url, [rate(0)]);
          const { localPort = 0, remotePort = 0 } = pair.server.socket;
          pair.server.send('held');
          pair.server.finish();
          expect(await untilTcpState(localPort, remotePort, 'FIN_WAIT2')).toBe('FIN_WAIT2');
          expect(await untilTcpState(remotePort, localPort, 'CLOSE_WAIT')).toBe('CLOSE_WAIT');
        },
      );
    });

    describe('slow_close', () => {
      test.concurrent('delays the end, not the data', async () => {
        const toxic = { type: 'slow_close', attributes: { delay: 1_000 } };
        await using pair = await joinThrough(server.url, [toxic]);
        const began = monotonicMs();
        pair.server.send('data');
        expect((await pair.client.until(4)) - began).toBeLessThan(1_000);
        const finished = monotonicMs();
        pair.server.finish();
        const took = (await pair.client.ended).atMs - finished;
        expect(took).toBeGreaterThan(1_000 - SLACK_MS);
        expect(took).toBeLessThan(1_000 + LATE_MS);
      });

      test.concurrent('taken away during its delay, closes at once', async () => {
        const toxic = { type: 'slow_close', attributes: { delay: 60_000 } };
        await using pair = await joinThrough(server.url, [toxic]);
        pair.server.finish();
        await staysSilent(pair.client);
        await pair.proxy.remove('slow_close_downstream');
        expect((await pair.client.ended).how).toBe('fin');
      });
    });

    describe('timeout', () => {
      const timeout = (ms: number) => ({ type: 'timeout', attributes: { timeout: ms } });

      test.concurrent('of 0 throws data away and lets the end pass', async () => {
        await using pair = await joinThrough(server.url, [timeout(0)]);
        pair.server.send('lost');
        await staysSilent(pair.client);
        pair.server.finish();
        expect((await pair.client.ended).how).toBe('fin');
        expect(pair.client.received.length).toBe(0);
      });

      test.concurrent('closes both ends once nothing has come for that long', async () => {
        await using pair = await joinThrough(server.url, [timeout(1_000)]);
        const began = monotonicMs();
        // Data starts its clock again.
        for (let i = 0; i < 3; i++) {
          await pause(100);
          pair.server.send('lost');
        }
        const lastSent = monotonicMs();
        const ended = await pair.client.ended;
        expect(ended.how).toBe('fin');
        expect(ended.atMs - lastSent).toBeGreaterThan(1_000 - SLACK_MS);
        expect(ended.atMs - began).toBeLessThan(1_300 + LATE_MS);
        expect(pair.client.received.length).toBe(0);
        await pair.server.ended;
      });

      test.concurrent('taken away, closes the connections that it was on', async () => {
        await using pair = await joinThrough(server.url, [timeout(0)]);
        await pair.proxy.remove('timeout_downstream');
        expect((await pair.client.ended).how).toBe('fin');
        await pair.server.ended;
        const next = await pair.join();
        next.server.send('open');
        await next.client.until(4);
      });
    });

    describe('reset_peer', () => {
      const reset = { type: 'reset_peer', attributes: { timeout: 200 } };

      test.concurrent('swallows the first chunk and resets later', async () => {
        await using pair = await joinThrough(server.url, [reset]);
        await staysSilent(pair.client);
        const began = monotonicMs();
        pair.server.send('swallowed');
        const ended = await pair.client.ended;
        expect(ended.how).toBe('reset');
        expect(ended.atMs - began).toBeGreaterThan(200 - SLACK_MS);
        expect(pair.client.received.length).toBe(0);
        expect((await pair.server.ended).how).toBe('reset');
      });

      test.concurrent('ends a connection that was open before it with a FIN', async () => {
        await using pair = await joinThrough(server.url);
        // What has carried a byte is open on both sides of the proxy, not on the upstream's alone.
        pair.server.send('.');
        await pair.client.until(1);
        await pair.proxy.add(reset);
        pair.server.send('swallowed');
        expect((await pair.client.ended).how).toBe('fin');
        expect(pair.client.received.toString()).toBe('.');
      });
    });

    describe('slicer', () => {
      test.concurrent('cuts into pieces no larger than average and variation, with a delay', async () => {
        const attributes = { average_size: 10, size_variation: 4, delay: 30_000 };
        await using pair = await joinThrough(server.url, [{ type: 'slicer', attributes }]);
        const sent = tellingBytes(100);
        const began = monotonicMs();
        pair.server.send(sent);
        const took = (await pair.client.until(sent.length)) - began;
        expect(pair.client.received.equals(sent)).toBe(true);
        // Halves of 100 down to 14 at most: eight pieces or more; a slow reader may join some.
        expect(pair.client.pieces.length).toBeGreaterThan(2);
        expect(took).toBeGreaterThan(7 * 30 - SLACK_MS);
      });

      test.concurrent('without delay loses nothing', async () => {
        const attributes = { average_size: 500, size_variation: 500, delay: 0 };
        await using pair = await joinThrough(server.url, [{ type: 'slicer', attributes }]);
        const sent = tellingBytes(50_000);
        pair.server.send(sent);
        await pair.client.until(sent.length);
        expect(pair.client.received.equals(sent)).toBe(true);
      });
    });

    describe('limit_data', () => {
      const limit = (bytes: number, more: object = {}) => ({
        type: 'limit_data',
        attributes: { bytes },
        ...more,
      });

      test.concurrent.each([
        1, 7, 32_768, 100_000,
      ])('of %i closes after exactly that many', async (bytes) => {
        await using pair = await joinThrough(server.url, [limit(bytes)]);
        const sent = tellingBytes(bytes + 1_000);
        pair.server.send(sent);
        expect((await pair.client.ended).how).toBe('fin');
        expect(pair.client.received.equals(sent.subarray(0, bytes))).toBe(true);
        await pair.server.ended;
      });

      test.concurrent('of 0 closes at the first byte, and not before', async () => {
        await using pair = await joinThrough(server.url, [limit(0)]);
        await staysSilent(pair.client);
        pair.server.send('x');
        expect((await pair.client.ended).how).toBe('fin');
        expect(pair.client.received.length).toBe(0);
      });

      test.concurrent('counts each connection and each direction on its own', async () => {
        await using pair = await joinThrough(server.url, [limit(10, { stream: 'upstream' })]);
        pair.server.send(tellingBytes(5_000));
        await pair.client.until(5_000);
        pair.client.send('123456789');
        await pair.server.until(9);
        const other = await pair.join();
        other.client.send('abcdefghi');
        await other.server.until(9);
        pair.client.send('0!');
        expect((await pair.server.ended).how).toBe('fin');
        expect(pair.server.received.toString()).toBe('1234567890');
        expect(other.server.hasEnded).toBe(false);
      });

      test.concurrent('changed, counts what has passed before', async () => {
        await using pair = await joinThrough(server.url, [limit(100)]);
        pair.server.send('12345');
        await pair.client.until(5);
        await pair.proxy.api('PATCH', '/toxics/limit_data_downstream', {
          attributes: { bytes: 8 },
        });
        pair.server.send('67890');
        await pair.client.ended;
        expect(pair.client.received.toString()).toBe('12345678');
      });
    });

    describe('any', () => {
      test.concurrent('added to a running connection, works on it', async () => {
        await using pair = await joinThrough(server.url);
        pair.server.send('before');
        await pair.client.until(6);
        await pair.proxy.add({ type: 'timeout', attributes: { timeout: 0 } });
        pair.server.send('lost');
        await staysSilent(pair.client, 6);
      });

      test.concurrent('with toxicity 0 spares all connections', async () => {
        const toxic = { type: 'timeout', toxicity: 0, attributes: { timeout: 0 } };
        await using pair = await joinThrough(server.url, [toxic]);
        pair.server.send('passes');
        await pair.client.until(6);
      });

      test.concurrent('with toxicity 0.5 hits some connections and spares some', async () => {
        const toxic = { type: 'limit_data', toxicity: 0.5, attributes: { bytes: 1 } };
        await using pair = await joinThrough(server.url, [toxic]);
        const joined = await Promise.all(Array.from({ length: 40 }, () => pair.join()));
        const hit = await Promise.all(
          joined.map(async ({ client, server: peer }) => {
            peer.send('12');
            const passed = client.until(2).then(() => false);
            return Promise.race([client.ended.then(() => true), passed]);
          }),
        );
        // All or none of 40 would be a chance of one in 2^39.
        expect(new Set(hit)).toEqual(new Set([true, false]));
      });

      test.concurrent('of noop changes nothing', async () => {
        await using pair = await joinThrough(server.url, [{ type: 'noop' }]);
        const sent = tellingBytes(200_000);
        pair.server.send(sent);
        await pair.client.until(sent.length);
        expect(pair.client.received.equals(sent)).toBe(true);
      });

      test.concurrent('works on what the one added before it has left', async () => {
        await using pair = await joinThrough(server.url, [
          { type: 'limit_data', attributes: { bytes: 3 } },
          { type: 'latency', attributes: { latency: 300 } },
        ]);
        const began = monotonicMs();
        pair.server.send('12345');
        expect((await pair.client.ended).atMs - began).toBeGreaterThan(300 - SLACK_MS);
        expect(pair.client.received.toString()).toBe('123');
      });

      test.concurrent('taken away from the middle, leaves its neighbours at work', async () => {
        await using pair = await joinThrough(server.url, [
          { type: 'slicer', name: 'first', attributes: { average_size: 100, delay: 0 } },
          { type: 'latency', name: 'middle', attributes: { latency: 60_000 } },
          { type: 'limit_data', name: 'last', attributes: { bytes: 4 } },
        ]);
        pair.server.send('123456');
        await staysSilent(pair.client);
        await pair.proxy.remove('middle');
        await pair.client.ended;
        expect(pair.client.received.toString()).toBe('1234');
      });

      test('goes with a reset of the whole server, which enables what was disabled', async () => {
        await using pair = await joinThrough(server.url, [
          { type: 'latency', attributes: { latency: 60_000 } },
        ]);
        pair.server.send('freed');
        await pair.proxy.api('PATCH', '', { enabled: true });
        expect((await call(server.url, 'POST', '/reset')).status).toBe(204);
        await pair.client.until(5);
        expect((await pair.proxy.api('GET', '/toxics')).text).toBe('[]');
        await pair.proxy.api('PATCH', '', { enabled: false });
        await call(server.url, 'POST', '/reset');
        expect((await pair.proxy.api('GET')).text).toContain('"enabled":true');
      });
    });
  });
});
