import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rawRequest } from '../testing/raw.ts';
import { eventually, startTargetHere, type Target } from '../testing/target.ts';

const REQUEST_MS = 1500;
const PATH = '/api/v1/knowledge/documents';
const PLACES = 8;
const TYPE = 'content-type: multipart/form-data; boundary=b\r\n';
const BEGINNING = '--b\r\ncontent-disposition: form-data; name="f"; filename="a"\r\n\r\n';
const FORM = `${TYPE}content-length: 5000\r\n\r\n${BEGINNING}`;
const CHUNKED = `${TYPE}transfer-encoding: chunked\r\n\r\n${BEGINNING.length.toString(16)}\r\n${BEGINNING}\r\n`;

let target: Target;
beforeAll(async () => {
  target = await startTargetHere({
    flags: ['--request-ms', String(REQUEST_MS), '--uploads-at-once', String(PLACES)],
  });
});
afterAll(() => target[Symbol.asyncDispose]());

const post = (path: string, rest: string) => `POST ${path} HTTP/1.1\r\nhost: x\r\n${rest}`;

describe.concurrent('a request that does not arrive completely', () => {
  test.each([
    ['the first byte', ''],
    ['the request line', 'POST /heal'],
    ['the headers', post(PATH, 'x-one: 1\r\nx-t')],
    [
      'a JSON body',
      post(
        '/api/v1/knowledge/search',
        'content-type: application/json\r\ncontent-length: 500\r\n\r\n{"q',
      ),
    ],
    ['an upload', post(PATH, FORM)],
    ['a body in chunks', post(PATH, CHUNKED)],
  ])('and stalls at %s: 408, and the connection is closed', async (_name, sent) => {
    const { text, closedAfterMs } = await rawRequest(target.url, (socket) => socket.write(sent));
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
    expect(text).toContain('"code":"request-too-slow"');
    expect(closedAfterMs).toBeLessThan(2 * REQUEST_MS);
  });

  test('but trickles in: 408 as well', async () => {
    const { text, closedAfterMs } = await rawRequest(target.url, (socket) => {
      socket.write(post(PATH, FORM));
      const timer = setInterval(() => socket.write('x'), 50);
      socket.once('close', () => clearInterval(timer));
    });
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
    expect(closedAfterMs).toBeLessThan(2 * REQUEST_MS);
  });

  test('but was answered already: closed without a second answer', async () => {
    const { text, closedAfterMs } = await rawRequest(target.url, (socket) =>
      socket.write(post('/nowhere', 'content-length: 500\r\n\r\nabc')),
    );
    expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(text).toMatch(/^HTTP\/1\.1 404 /);
    expect(closedAfterMs).toBeLessThan(2 * REQUEST_MS);
  });

  test('and is the second on its connection: its limit counts from its own first byte', async () => {
    const { text, closedAfterMs } = await rawRequest(target.url, (socket) => {
      socket.write('GET /health HTTP/1.1\r\nhost: x\r\n\r\n');
      setTimeout(() => socket.write('GET /health HTTP/1.1\r\nho'), REQUEST_MS / 2);
    });
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 408']);
    expect(closedAfterMs).toBeGreaterThan(REQUEST_MS);
  });

  test('from a client that neither reads nor closes: still closed', async () => {
    const { closedAfterMs } = await rawRequest(target.url, (socket) => {
      socket.pause();
      socket.write(post(PATH, FORM));
      // The end of the connection is only seen by reading.
      setTimeout(() => socket.resume(), 2 * REQUEST_MS);
    });
    expect(closedAfterMs).toBeLessThan(3 * REQUEST_MS);
  });
});

test('afterwards, all upload places are free again', async () => {
  const form = () => {
    const data = new FormData();
    data.set('title', 't');
    return { method: 'POST', body: data };
  };
  const allEnter = async () => {
    const answers = await Promise.all(
      Array.from({ length: PLACES }, () => target.request(PATH, form())),
    );
    return answers.every(({ body }) => body.error.code === 'no-file');
  };
  expect(await eventually(allEnter)).toBe(true);
});
