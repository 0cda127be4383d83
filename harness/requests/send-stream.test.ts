/** Streams of all formats from a real server, through the sender: how they end, and what is told of them. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import type { HistoryEvent } from '../history/events.ts';
import { openRecorder } from '../history/recorder.ts';
import { random } from '../platform/random.ts';
import { buildOperation } from '../target/config/build-operation.ts';
import type { OperationConfig } from '../target/config/config.ts';
import { httpClient } from '../target/operations/http.ts';
import { loadCorpus } from './inputs.ts';
import { keepReceipts } from './receipts.ts';
import { recordRequests } from './requests.ts';
import { operationSender } from './sender.ts';

const server = createServer((request, response) => void answer(request, response));
const sockets = new WebSocketServer({ noServer: true });
const folder = mkdtempSync(join(tmpdir(), 'hanglab-streams-'));
let url = '';

beforeAll(async () => {
  server.on('upgrade', (request, socket, head) => {
    if (request.url === '/refused') {
      socket.end('HTTP/1.1 503 Service Unavailable\r\ncontent-length: 4\r\n\r\nfull');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      client.on('message', (data) => {
        const [what, wait] = data.toString().split(' ');
        client.send(JSON.stringify({ type: 'delta', text: 'a' }));
        if (what === 'error') client.send(JSON.stringify({ error: { message: 'no' } }));
        if (what === 'whole') client.send(JSON.stringify({ type: 'done' }));
        if (what === 'cut') setTimeout(() => client.close(1011, 'sorry'), Number(wait));
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

async function answer({ url: path }: IncomingMessage, response: ServerResponse): Promise<void> {
  const say = (text: string): void => void response.write(text);
  switch (path) {
    case '/sse':
      say('data: one\n\n');
      await sleep(300);
      say(': still here\n\ndata: two\n\ndata: [DONE]\n\n');
      return void response.end();
    case '/cut':
      return void response.end('data: one\n\n');
    case '/broken':
      say('data: one\n\n');
      await sleep(50);
      return void response.destroy();
    case '/sorry':
      return void response.end('data: {"error":{"message":"overloaded"}}\n\n');
    case '/comments':
      say('data: one\n\n');
      for (let i = 0; i < 20; i++) {
        await sleep(50);
        say(': ping\n\n');
      }
      return void response.end('data: [DONE]\n\n');
    case '/lines':
      return void response.end('{"type":"delta"}\n{"type":"end"}\n');
    case '/feed':
      return say('data: hello\n\n');
    default:
      response.statusCode = 500;
      response.end('out of order');
  }
}

async function send(config: OperationConfig, leave?: AbortSignal) {
  const recorder = openRecorder(join(folder, `${Math.random()}.ndjson`));
  const events: HistoryEvent[] = [];
  recorder.onEvent((event) => events.push(event));
  await using requests = recordRequests(recorder);
  await using client = httpClient(url);
  const sender = operationSender({
    ...{ client, requests, recorder, receipts: keepReceipts() },
    limits: { requestMs: 2000, idleMs: 300 },
    signal: new AbortController().signal,
  });
  const input = loadCorpus(null, random(1)).input(1, { bytes: 0 });
  const { outcome, detail, stream } = await sender.send(
    buildOperation('talk', config),
    input,
    'load',
    leave,
  );
  return { outcome, detail, stream, events };
}

const sse = { format: 'sse', ends: '[DONE]' } as const;

test('the right end, a close without it, a break, and an error that the stream tells', async () => {
  const whole = await send({ get: '/sse', stream: sse });
  expect(whole).toMatchObject({ outcome: 'ok', stream: { events: 3 } });
  expect(whole.stream?.longestGap?.ms).toBeGreaterThan(250);
  expect(await send({ get: '/cut', stream: sse })).toMatchObject({
    outcome: 'failed',
    detail: 'the stream ended without its right end',
    stream: { events: 1 },
  });
  expect(await send({ get: '/broken', stream: sse })).toMatchObject({
    outcome: 'failed',
    stream: { events: 1 },
  });
  expect((await send({ get: '/sorry', stream: sse })).detail).toContain('said in its stream');
  expect((await send({ get: '/none', stream: sse })).detail).toContain('out of order');
});

test('comments are no events: a stream that only says that it is alive is silent', async () => {
  const { stream, events } = await send({ get: '/comments', stream: sse });
  expect(stream?.longestGap?.ms).toBeGreaterThan(900);
  expect(events.filter(({ kind }) => kind === 'request-progress')).toHaveLength(2);
});

test('lines of JSON end by the type of one of them', async () => {
  const lines = { format: 'ndjson', ends: 'end' } as const;
  expect((await send({ get: '/lines', stream: lines })).outcome).toBe('ok');
  expect((await send({ get: '/lines', stream: { ...lines, ends: 'done' } })).outcome).toBe(
    'failed',
  );
});

test('a WebSocket: its first message, its right end, its errors, its close', async () => {
  const talk = (body: string, get = '/talk') =>
    send({ get, body, stream: { format: 'websocket', ends: 'done' } });
  expect(await talk('whole')).toMatchObject({ outcome: 'ok', stream: { events: 2 } });
  expect((await talk('error')).detail).toContain('said in its stream');
  expect(await talk('cut 20')).toMatchObject({
    outcome: 'failed',
    detail: 'the WebSocket was closed with code 1011: sorry',
  });
  expect((await talk('whole', '/refused')).detail).toBe('status 503: full');
});

test('an endless stream is looked at for a moment, or held until its client leaves', async () => {
  const feed = { get: '/feed', stream: { format: 'sse', endless: true } } as const;
  expect((await send(feed)).outcome).toBe('ok');
  const held = await send(feed, AbortSignal.timeout(100));
  expect(held).toMatchObject({ outcome: 'left', stream: { events: 1 } });
  const socket = { get: '/talk', body: 'hold', stream: { format: 'websocket' } } as const;
  expect((await send(socket, AbortSignal.timeout(100))).outcome).toBe('left');
});
