import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import { afterEach, expect, test } from 'vitest';
import type { EventOf } from '../history/events.ts';
import { moduleUrl } from '../platform/module-url.ts';
import type { HealthThreadOptions } from './health-thread.ts';
import type { ProbeReport } from './probe.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** Everything that the thread reports until `enough` says so. */
async function probe(
  healthUrl: string,
  enough: (seen: EventOf<'health'>[]) => boolean,
): Promise<EventOf<'health'>[]> {
  const controlUrl = await listen(createServer((_request, response) => response.end('ok')));
  const health = { url: healthUrl, headers: {}, good: [200] };
  const workerData: HealthThreadOptions = { health, controlUrl, rateHz: 20, maxOpen: 32 };
  const thread = new Worker(moduleUrl('./health-thread', import.meta.url), { workerData });
  cleanups.push(() => thread.terminate());
  const seen: EventOf<'health'>[] = [];
  while (!enough(seen)) {
    const [reports] = (await once(thread, 'message')) as [ProbeReport[]];
    seen.push(...reports.map(({ body, atMs }) => ({ t: atMs, ...body }) as EventOf<'health'>));
  }
  return seen;
}

test('probes at 20 Hz from the intended instant, with the control server beside each', async () => {
  const url = await listen(createServer((_request, response) => response.end('ok')));
  const seen = await probe(url, (all) => all.length >= 20);
  const instants = seen.map(({ intendedT }) => intendedT).toSorted((a, b) => a - b);
  expect((instants.at(-1)! - instants[0]!) / (instants.length - 1)).toBeCloseTo(50, 0);
  expect(seen.every(({ answered, status }) => answered && status === 200)).toBe(true);
});

test('a server that never answers: probes grow old, the queued ones too, while the control is on time', async () => {
  const url = await listen(createServer(() => {}));
  // 32 are open after 1.6 s; what should have been sent later is older than its report all the same.
  const seen = await probe(url, (all) => new Set(all.map((e) => e.intendedT)).size > 40);
  const last = new Map(seen.map((event) => [event.intendedT, event]));
  expect([...last.values()].every(({ answered }) => !answered)).toBe(true);
  expect(Math.max(...[...last.values()].map(({ latencyMs }) => latencyMs))).toBeGreaterThan(1500);
  const control = [...last.values()].map(({ controlMs }) => controlMs).toSorted((a, b) => a - b);
  expect(control[Math.floor(control.length / 2)]).toBeLessThan(300);
});

test('a refused connection is an answer without a status', async () => {
  const server = createServer();
  const url = await listen(server);
  server.close();
  const seen = await probe(url, (all) => all.length >= 5);
  expect(seen.every(({ answered, status }) => answered && status === null)).toBe(true);
});

test('without a health endpoint the control server alone is probed', async () => {
  const controlUrl = await listen(createServer((_request, response) => response.end('ok')));
  const workerData: HealthThreadOptions = { health: null, controlUrl, rateHz: 20, maxOpen: 32 };
  const thread = new Worker(moduleUrl('./health-thread', import.meta.url), { workerData });
  cleanups.push(() => thread.terminate());
  const [reports] = (await once(thread, 'message')) as [ProbeReport[]];
  expect(new Set(reports.map(({ body }) => body.kind))).toEqual(new Set(['control']));
});

test('no more probes are open at once than allowed', async () => {
  let open = 0;
  let most = 0;
  const url = await listen(
    createServer((request) => {
      most = Math.max(most, ++open);
      request.on('close', () => open--);
    }),
  );
  const controlUrl = await listen(createServer((_request, response) => response.end('ok')));
  const health = { url, headers: { authorization: 'Bearer x' }, good: [200] };
  const workerData: HealthThreadOptions = { health, controlUrl, rateHz: 20, maxOpen: 2 };
  const thread = new Worker(moduleUrl('./health-thread', import.meta.url), { workerData });
  cleanups.push(() => thread.terminate());
  const instants = new Set<number>();
  while (instants.size < 8) {
    const [reports] = (await once(thread, 'message')) as [ProbeReport[]];
    for (const { body } of reports) if (body.kind === 'health') instants.add(body.intendedT);
  }
  expect(most).toBe(2);
});
