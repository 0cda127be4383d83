import { readdir } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rawRequest } from '../testing/raw.ts';
import { documentText, eventually, startTargetHere, type Target } from '../testing/target.ts';

let target: Target;
beforeAll(async () => {
  target = await startTargetHere({
    flags: ['--document-bytes', '100000', '--uploads-at-once', '2'],
  });
});
afterAll(() => target[Symbol.asyncDispose]());

const PATH = '/api/v1/knowledge/documents';
const good = new Blob([documentText('good', 3000)]);

function form(parts: Record<string, string | Blob | [Blob, string]>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(parts)) {
    if (typeof value === 'string') data.append(name, value);
    else if (Array.isArray(value)) data.append(name, value[0], value[1]);
    else data.append(name, value, 'a.md');
  }
  return data;
}

const json = { 'content-type': 'application/json' };
const multipart = { 'content-type': 'multipart/form-data; boundary=b' };

const cases: [string, RequestInit, number, string][] = [
  ['no body', {}, 415, 'not-multipart'],
  ['JSON instead of a form', { body: '{}', headers: json }, 415, 'not-multipart'],
  ['malformed JSON', { body: '{', headers: json }, 400, 'invalid-json-body'],
  ['no file', { body: form({ title: 't' }) }, 400, 'no-file'],
  ['no title', { body: form({ file: good }) }, 400, 'no-title'],
  ['blank title', { body: form({ file: good, title: '  ' }) }, 400, 'no-title'],
  ['path in the title', { body: form({ file: good, title: '../../x' }) }, 400, 'bad-title'],
  ['two files', { body: form({ title: 't', a: good, b: good }) }, 400, 'two-files'],
  ['three files', { body: form({ title: 't', a: good, b: good, c: good }) }, 400, 'two-files'],
  ['empty file', { body: form({ title: 't', file: new Blob([]) }) }, 400, 'empty'],
  ['blank file', { body: form({ title: 't', file: new Blob([' \n']) }) }, 400, 'empty'],
  [
    'binary file',
    { body: form({ title: 't', file: new Blob([new Uint8Array([0x89, 0x50, 0xff, 0])]) }) },
    415,
    'not-text',
  ],
  ['NUL in text', { body: form({ title: 't', file: new Blob(['a\0b']) }) }, 415, 'not-text'],
  ['path in the name', { body: form({ title: 't', f: [good, '../a.md'] }) }, 400, 'bad-file-name'],
  ['backslashes', { body: form({ title: 't', f: [good, 'c:\\a.md'] }) }, 400, 'bad-file-name'],
  ['absolute name', { body: form({ title: 't', f: [good, '/etc/passwd'] }) }, 400, 'bad-file-name'],
  [
    'above the limit',
    { body: form({ title: 't', f: new Blob(['x'.repeat(100_001)]) }) },
    413,
    'too-large',
  ],
  [
    '50 MB',
    { body: form({ title: 't', f: new Blob(['x'.repeat(50_000_000)]) }) },
    413,
    'too-large',
  ],
  [
    'no boundary',
    { body: 'x', headers: { 'content-type': 'multipart/form-data' } },
    400,
    'malformed-multipart',
  ],
  ['not a form inside', { body: 'what is this', headers: multipart }, 400, 'malformed-multipart'],
  [
    'a form that breaks off',
    {
      body: '--b\r\ncontent-disposition: form-data; name="f"; filename="a"\r\n\r\nxy',
      headers: multipart,
    },
    400,
    'malformed-multipart',
  ],
];

test.each(cases)('upload: %s', async (_name, init, status, code) => {
  const answer = await target.request(PATH, { ...init, method: 'POST' });
  expect(answer).toMatchObject({ status, body: { error: { code } } });
  expect(answer.body.error.message.length).toBeGreaterThan(5);
});

test.each([
  ['malformed JSON', '{"query":', 400],
  ['no query', '{}', 400],
  ['empty query', '{"query":""}', 400],
  ['limit', '{"query":"a","limit":0}', 400],
  ['unknown key', '{"query":"a","limits":1}', 400],
  ['too long', JSON.stringify({ query: 'x'.repeat(100_000) }), 413],
])('search: %s', async (_name, body, status) => {
  const answer = await target.request('/api/v1/knowledge/search', {
    method: 'POST',
    headers: json,
    body,
  });
  expect(answer.status).toBe(status);
  expect(answer.body.error.message).toBeTruthy();
});

test('unknown routes, methods and documents', async () => {
  expect(await target.request('/api/v2')).toMatchObject({
    status: 404,
    body: { error: { code: 'no-such-route' } },
  });
  expect(await target.request('/api/v2', { method: 'PATCH', body: '{' })).toMatchObject({
    status: 404,
  });
  expect((await target.request(`${PATH}/..%2f..%2fetc`)).status).toBe(404);
  expect((await target.request(`${PATH}/%ff`)).status).toBe(400);
});

test.each([
  ['PUT', PATH, 'GET, HEAD, POST'],
  ['PATCH', `${PATH}/d_0`, 'DELETE, GET, HEAD'],
  ['GET', '/api/v1/knowledge/search/', 'POST'],
  ['POST', '/health?verbose', 'GET, HEAD'],
  ['OPTIONS', '/metrics', 'GET, HEAD'],
  ['PROPFIND', '/metrics', 'GET, HEAD'],
])('%s %s: a known path, another method', async (method, path, allow) => {
  // The body of such a request does not matter.
  const body = method === 'GET' ? null : '{';
  const answer = await target.request(path, { method, body, headers: json });
  expect(answer).toMatchObject({ status: 405, body: { error: { code: 'method-not-allowed' } } });
  expect(answer.headers.get('allow')).toBe(allow);
});

test.each([
  ['a string for a number', 'POST', '/api/v1/knowledge/search', '{"query":"a","limit":"3"}'],
  ['a number for a string', 'POST', '/api/v1/knowledge/search', '{"query":3}'],
  ['null for a string', 'POST', '/api/v1/knowledge/search', '{"query":null}'],
  ['a list for a string', 'POST', '/api/v1/knowledge/search', '{"query":["a"]}'],
  ['true for a number', 'POST', '/api/v1/knowledge/search', '{"query":"a","limit":true}'],
  ['hexadecimal', 'GET', `${PATH}?limit=0x10`, null],
  ['a fraction', 'GET', `${PATH}?limit=1.5`, null],
  ['nothing', 'GET', `${PATH}?limit=`, null],
  ['twice', 'GET', `${PATH}?limit=1&limit=2`, null],
  ['an unknown parameter', 'GET', `${PATH}?limits=1`, null],
])('types are not coerced: %s', async (_name, method, path, body) => {
  const answer = await target.request(path, { method, body, ...(body ? { headers: json } : {}) });
  expect(answer).toMatchObject({ status: 400, body: { error: { code: 'validation' } } });
});

test('a request that is not HTTP gets an answer of the same shape', async () => {
  const answer = await raw((socket) => socket.write('BREW / COFFEE\r\n\r\n'));
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  expect(answer).toContain('"code":"malformed-http"');
});

test('a client that goes away in the middle of its upload leaves nothing', async () => {
  const head =
    `POST ${PATH} HTTP/1.1\r\nhost: x\r\ncontent-type: multipart/form-data; boundary=b\r\n` +
    'content-length: 50000\r\n\r\n--b\r\ncontent-disposition: form-data; name="f"; filename="a"\r\n\r\n';
  await raw((socket) => socket.write(head + 'x'.repeat(1000), () => socket.resetAndDestroy()));
  await raw((socket) => socket.write(head + 'x'.repeat(1000), () => socket.destroy()));
  // There are two places for uploads: if one were lost, these two could not both enter.
  const bothEnter = async () => {
    const two = [1, 2].map(() =>
      target.request(PATH, { method: 'POST', body: form({ title: 't' }) }),
    );
    const answers = await Promise.all(two);
    return answers.every(({ body }) => body.error.code === 'no-file');
  };
  expect(await eventually(bothEnter)).toBe(true);
});

test('nothing of all this was stored, and no request reached the model', async () => {
  expect((await target.counts()).documents).toEqual({
    pending: 0,
    processing: 0,
    indexed: 0,
    failed: 0,
  });
  expect(await readdir(join(target.data, 'markdown'))).toEqual([]);
  expect(target.model.requests).toEqual([]);
});

test('an upload that trickles in is refused at the deadline', async () => {
  const startedAt = performance.now();
  const answer = await raw((socket) =>
    socket.write(
      `POST ${PATH} HTTP/1.1\r\nhost: x\r\ncontent-type: multipart/form-data; boundary=b\r\n` +
        'content-length: 5000\r\n\r\n--b\r\ncontent-disposition: form-data; name="f"; filename="a"\r\n\r\n',
    ),
  );
  expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  expect(performance.now() - startedAt).toBeLessThan(2 * 2000);
});

const raw = async (speak: (socket: Socket) => void): Promise<string> =>
  (await rawRequest(target.url, speak, (text) => text.includes('}}'))).text;
