/** Against a real receiver, which takes what the protocol's definition allows and nothing else. */
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { readHistory } from '../../history/history.ts';
import { madeRun, recordedRun } from '../made-run.test-helper.ts';
import { exportRun } from './export-run.ts';
import type { OtlpAttribute, OtlpSpan } from './otlp-span.ts';
import { spanSender, tracesUrl } from './send-spans.ts';

const servers: Server[] = [];
const folders: string[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

interface Receiver {
  url: string;
  spans: OtlpSpan[];
  batches: number;
  headers: IncomingHttpHeaders[];
}

/** @param statuses of the first answers; 200 afterwards. */
async function receiver(statuses: number[] = [], answer: unknown = {}): Promise<Receiver> {
  const received: Receiver = { url: '', spans: [], batches: 0, headers: [] };
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const status = statuses.shift() ?? (request.url === '/v1/traces' ? 200 : 404);
    received.headers.push(request.headers);
    if (status === 200) {
      received.batches++;
      received.spans.push(...spansIn(JSON.parse(text)));
    }
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer));
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  received.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return received;
}

function spansIn(body: {
  resourceSpans: {
    resource: { attributes: OtlpAttribute[] };
    scopeSpans: { spans: OtlpSpan[] }[];
  }[];
}): OtlpSpan[] {
  const [{ resource, scopeSpans }] = body.resourceSpans as [(typeof body.resourceSpans)[0]];
  expect(resource.attributes).toEqual([{ key: 'service.name', value: { stringValue: 'hanglab' } }]);
  return scopeSpans.flatMap(({ spans }) => spans);
}

function isValid(span: OtlpSpan): void {
  expect(span.traceId).toMatch(/^[\da-f]{32}$/);
  expect(span.spanId).toMatch(/^[\da-f]{16}$/);
  expect(span.name).not.toBe('');
  expect([1, 2, 3, 4, 5]).toContain(span.kind);
  expect(span.startTimeUnixNano).toMatch(/^\d{19}$/);
  expect(BigInt(span.endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(span.startTimeUnixNano));
  for (const { key, value } of [span, ...span.events].flatMap((each) => each.attributes)) {
    expect(key).not.toBe('');
    const [type, content] = Object.entries(value)[0] as [string, unknown];
    const types = {
      stringValue: 'string',
      intValue: 'string',
      doubleValue: 'number',
      boolValue: 'boolean',
    };
    expect(typeof content).toBe(types[type as keyof typeof types]);
  }
}

const attributeOf = (attributes: readonly OtlpAttribute[], key: string): unknown =>
  Object.values(attributes.find((attribute) => attribute.key === key)?.value ?? {})[0];

describe('a recorded run', () => {
  test('is one trace: the run, below it its phases, requests and calls', async () => {
    const folder = recordedRun();
    folders.push(folder);
    const { url, ...received } = await receiver();
    await exportRun(folder, url);
    received.spans.forEach(isValid);
    const history = await readHistory(join(folder, 'history.ndjson'));
    const expected = (['request', 'model-start', 'phase'] as const).map(
      (kind) => history.of(kind).length,
    );
    expect(received.spans).toHaveLength(1 + expected.reduce((sum, count) => sum + count, 0));
    expect(new Set(received.spans.map(({ traceId }) => traceId)).size).toBe(1);
    expect(new Set(received.spans.map(({ spanId }) => spanId)).size).toBe(received.spans.length);
    const [root, ...more] = received.spans.filter(({ parentSpanId }) => parentSpanId === undefined);
    expect(more).toEqual([]);
    expect(root?.status.code).toBe(2);
    expect(received.spans.every((s) => s === root || s.parentSpanId === root?.spanId)).toBe(true);
  });

  test('has its findings and its diagnosis as events, and the stuck request as an error', async () => {
    const folder = recordedRun();
    folders.push(folder);
    const received = await receiver();
    await exportRun(folder, received.url);
    const root = received.spans.find(({ parentSpanId }) => parentSpanId === undefined);
    const progress = root?.events.find(({ name }) => name === 'finding progress');
    expect(attributeOf(progress?.attributes ?? [], 'hanglab.verdict')).toBe('fail');
    const diagnosis = root?.events.find(({ name }) => name === 'diagnosis');
    expect(attributeOf(diagnosis?.attributes ?? [], 'hanglab.code')).toBe('deadlock');
    const stuck = received.spans.filter(
      (s) => attributeOf(s.attributes, 'hanglab.outcome') === 'unknown',
    );
    expect(stuck).toHaveLength(1);
    expect(stuck[0]?.status.code).toBe(2);
    // 2026-11-27T22:04:11.401Z, and the first request some seconds later.
    expect(stuck[0]?.startTimeUnixNano).toMatch(/^17958170\d{11}$/);
  });

  test('sent twice it is the same trace', async () => {
    const folder = recordedRun();
    folders.push(folder);
    const [a, b] = [await receiver(), await receiver()];
    await exportRun(folder, a.url);
    await exportRun(folder, b.url);
    expect(b.spans).toEqual(a.spans);
  });
});

test('a fault is a span with the instant of its effect; what never ended says so', async () => {
  const folder = madeRun({ requests: 1200, durationMs: 20_000 });
  folders.push(folder);
  const received = await receiver();
  await exportRun(folder, received.url);
  received.spans.forEach(isValid);
  expect(received.batches).toBeGreaterThan(2);
  const fault = received.spans.find(({ name }) => name === 'fault plain');
  expect(fault?.events.map(({ name }) => name)).toEqual(['took effect']);
  const never = received.spans.filter(
    (s) => attributeOf(s.attributes, 'hanglab.never_ended') === true,
  );
  expect(never).toHaveLength(2);
});

test('a collector that is busy is asked once more; one that refuses is reported', async () => {
  const folder = recordedRun();
  folders.push(folder);
  const busy = await receiver([503]);
  await exportRun(folder, busy.url);
  expect(busy.spans.length).toBeGreaterThan(0);
  const refusing = await receiver([400]);
  await expect(exportRun(folder, refusing.url)).rejects.toMatchObject({
    code: 'otlp-failed',
    message: `${refusing.url} did not take the spans: it answered 400`,
  });
  const partial = await receiver([], {
    partialSuccess: { rejectedSpans: '3', errorMessage: 'full' },
  });
  await expect(exportRun(folder, partial.url)).rejects.toThrow('it rejected 3 spans: full');
  await expect(exportRun(folder, 'http://127.0.0.1:1')).rejects.toThrow('did not take the spans');
});

test('headers come from the variable that every exporter reads', async () => {
  const received = await receiver();
  const OTEL_EXPORTER_OTLP_HEADERS = 'authorization=Bearer%20abc, x-team=a=b';
  const sender = spanSender(received.url, { OTEL_EXPORTER_OTLP_HEADERS });
  const span = { traceId: '0'.repeat(32), spanId: '0'.repeat(16), name: 'x', kind: 1 };
  const times = { startTimeUnixNano: '1', endTimeUnixNano: '2' };
  await sender.add([{ ...span, ...times, attributes: [], events: [], status: { code: 0 } }]);
  await sender.end();
  expect(received.headers[0]).toMatchObject({ authorization: 'Bearer abc', 'x-team': 'a=b' });
});

test.each([
  ['http://127.0.0.1:4318', 'http://127.0.0.1:4318/v1/traces'],
  ['http://127.0.0.1:4318/', 'http://127.0.0.1:4318/v1/traces'],
  ['https://collector.example/otlp', 'https://collector.example/otlp/v1/traces'],
  ['https://collector.example/v1/traces', 'https://collector.example/v1/traces'],
])('spans for %s go to %s', (endpoint, url) => {
  expect(tracesUrl(endpoint)).toBe(url);
});
