/** The proxy before an HTTP service: what it passes on, what it tells, and each of its faults. */
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { type CallEvent, startHttpUpstream } from './proxy.ts';

const BODY = 'x'.repeat(1000);

async function started() {
  let aborted = 0;
  const service = createServer((incoming, response) => {
    response.on('close', () => {
      if (!response.writableFinished) aborted++;
    });
    if (incoming.url === '/slow') return;
    response.writeHead(201, { 'x-path': incoming.url, 'content-length': BODY.length });
    response.end(BODY);
  });
  service.listen(0, '127.0.0.1');
  await once(service, 'listening');
  const events: CallEvent[] = [];
  let lastId = 0;
  const proxy = await startHttpUpstream({
    name: 'store',
    host: '127.0.0.1',
    port: (service.address() as AddressInfo).port,
    nextId: () => ++lastId,
    onEvent: (event) => events.push(event),
  });
  onTestFinished(async () => {
    await proxy[Symbol.asyncDispose]();
    service.closeAllConnections();
    service.close();
  });
  return { proxy, events, service, aborted: () => aborted };
}

/** What a client gets: its status, the length of the body, and how it ended. */
async function get(port: number, path = '/', body?: string, limitMs = 1000) {
  const signal = AbortSignal.timeout(limitMs);
  let bytes = 0;
  let status = 0;
  return new Promise<{ status: number; bytes: number; end: string; type?: string }>((resolve) => {
    const done = (end: string, type?: string): void =>
      resolve({ status, bytes, end, ...(type ? { type } : {}) });
    const outgoing = request({ port, path, method: body ? 'POST' : 'GET', agent: false, signal });
    outgoing.on('response', (response) => {
      status = response.statusCode ?? 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      response.on('end', () => done('whole', response.headers['content-type']));
      response.on('error', () => done(signal.aborted ? 'silent' : 'cut'));
    });
    outgoing.on('error', () => done(signal.aborted ? 'silent' : 'refused'));
    outgoing.end(body);
  });
}

test('everything is passed on, and each call is recorded with its subject', async () => {
  const { proxy, events } = await started();
  const text = 'The lake of hanglab-12 is kept here.';
  expect(await get(proxy.port, '/items', text)).toEqual({ status: 201, bytes: 1000, end: 'whole' });
  await expect
    .poll(() => events.map(({ kind }) => kind))
    .toEqual(['model-start', 'model-first-byte', 'model-end']);
  expect(events[0]).toMatchObject({
    upstream: 'store',
    operation: 'POST /items',
    subject: 'Guide 12',
  });
  expect(events[2]).toMatchObject({ ending: 'complete', status: 201 });
});

test('a client that leaves is let go at the service too', async () => {
  const { proxy, events, aborted } = await started();
  expect(await get(proxy.port, '/slow', undefined, 200)).toMatchObject({ end: 'silent' });
  await expect.poll(aborted).toBe(1);
  await expect.poll(() => events.at(-1)).toMatchObject({ ending: 'client-closed' });
});

test('each fault, and the service again without it', async () => {
  const { proxy } = await started();
  const faulty = async (fault: Parameters<typeof proxy.rules.add>[0]['fault']) => {
    using rule = proxy.rules.add({ name: 'fault', when: {}, fault });
    const answer = await get(proxy.port, '/', undefined, 300);
    expect(rule.hits()).toBe(1);
    return answer;
  };
  expect(await faulty({ kind: 'status', status: 503 })).toMatchObject({ status: 503 });
  expect(await faulty({ kind: 'garbage' })).toMatchObject({ status: 200, type: 'text/html' });
  expect(await faulty({ kind: 'cut', bytes: 100 })).toEqual({
    status: 201,
    bytes: 100,
    end: 'cut',
  });
  expect(await faulty({ kind: 'cut', bytes: 9999 })).toMatchObject({ bytes: 999, end: 'cut' });
  expect(await faulty({ kind: 'silent', bytes: 10 })).toMatchObject({ bytes: 10, end: 'silent' });
  expect(await faulty({ kind: 'held' })).toMatchObject({ status: 0, end: 'silent' });
  expect(await get(proxy.port)).toMatchObject({ status: 201, end: 'whole' });
});

test('a fault may be for some requests only: by path, and by count', async () => {
  const { proxy } = await started();
  const statuses = async (paths: string[]) => {
    const found: number[] = [];
    for (const path of paths) found.push((await get(proxy.port, path)).status);
    return found;
  };
  const fault = { kind: 'status', status: 500 } as const;
  using pay = proxy.rules.add({ name: 'pay', when: { path: '/pay/*', every: 2 }, fault });
  expect(await statuses(['/a', '/pay/1', '/pay/2?x=/a', '/pay', '/pay/3', '/pay/4'])).toEqual([
    201, 201, 500, 201, 201, 500,
  ]);
  expect(pay.hits()).toBe(2);
  using _once = proxy.rules.add({ name: 'once', when: { skip: 1, times: 1 }, fault });
  expect(await statuses(['/a', '/b', '/c'])).toEqual([201, 500, 201]);
});

test('a service that is down looks as it does without the proxy', async () => {
  const { proxy, service } = await started();
  service.close();
  service.closeAllConnections();
  await sleep(20);
  expect(await get(proxy.port)).toMatchObject({ status: 0, end: 'refused' });
});
