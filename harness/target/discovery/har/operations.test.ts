/** From a recording to operations, in the form in which browsers write one. */
import { expect, test } from 'vitest';
import type { OperationConfig } from '../../config/config.ts';
import { readHar } from './har.ts';
import { harOperations } from './operations.ts';

interface Recorded {
  method?: string;
  url: string;
  kind?: string;
  headers?: Record<string, string>;
  body?: { type: string; text?: string; params?: object[] };
  status?: number;
  type?: string;
  answer?: unknown;
}

function entry(recorded: Recorded): object {
  const { method = 'GET', url, kind = 'fetch', headers = {}, body, status = 200 } = recorded;
  const { type = 'application/json', answer } = recorded;
  const postData = body && { mimeType: body.type, text: body.text, params: body.params };
  return {
    _resourceType: kind,
    request: {
      ...{ method, url, ...(postData ? { postData } : {}) },
      headers: Object.entries({
        'sec-fetch-mode': 'cors',
        'User-Agent': 'Browser',
        ...headers,
      }).map(([name, value]) => ({ name, value })),
    },
    response: {
      status,
      content: {
        mimeType: type,
        ...(answer === undefined ? {} : { text: JSON.stringify(answer) }),
      },
    },
  };
}

const OWN = 'http://localhost:3000';

function offered(recorded: Recorded[]) {
  const text = JSON.stringify({ log: { entries: recorded.map(entry) } });
  return harOperations(readHar(text, 'the recording'));
}

test('keeps what went to the server itself, and no static files', () => {
  const { candidates } = offered([
    { url: `${OWN}/`, kind: 'document', type: 'text/html' },
    { url: `${OWN}/app.js`, kind: 'script', type: 'text/javascript' },
    { url: `${OWN}/logo.png`, kind: 'image', type: 'image/png' },
    { url: `${OWN}/data/report.css`, kind: 'other', type: 'text/plain' },
    ...Array.from({ length: 9 }, (_, i) => ({ url: `https://stats.example/hit?n=${i}` })),
    { url: `${OWN}/api/search?q=a` },
    { url: `${OWN}/api/search?q=b` },
    { method: 'OPTIONS', url: `${OWN}/api/chat` },
    {
      url: `${OWN}/api/chat`,
      method: 'POST',
      type: 'text/event-stream',
      body: { type: 'application/json', text: '{"message":"How does it end?","model":"m"}' },
    },
  ]);
  expect(candidates.map(({ config }) => config)).toEqual([
    { get: '/' },
    { get: '/api/search?q=a' },
    { post: '/api/chat', json: { message: '${text}', model: 'm' }, stream: 'sse' },
  ]);
});

test('knows what a write made, by the id in its answer', () => {
  const { candidates, unused } = offered([
    {
      method: 'POST',
      url: `${OWN}/notes`,
      status: 201,
      body: { type: 'application/json', text: '{"title":"My note"}' },
      answer: { id: 17 },
    },
    { url: `${OWN}/notes/17`, answer: { id: 17 } },
    { method: 'DELETE', url: `${OWN}/notes/17`, status: 204 },
    { method: 'DELETE', url: `${OWN}/notes/3`, status: 204 },
  ]);
  expect(Object.fromEntries(candidates.map(({ name, config }) => [name, config]))).toEqual({
    postNotes: { post: '/notes', json: { title: '${title}' }, id: '$.id' },
    deleteNotes: { delete: '/notes/${id}', deletes: 'postNotes' },
  });
  expect(unused.map(({ label, reason }) => [label, reason])).toEqual([
    ['GET /notes/17', 'it asks for what POST /notes made in the recording'],
    ['DELETE /notes/3', 'no write of the recording makes what it deletes'],
  ]);
});

test('marks cookies and tokens as secret', () => {
  const { candidates } = offered([
    {
      method: 'POST',
      url: `${OWN}/login?token=t1`,
      headers: { Authorization: 'Bearer abc', Cookie: 'sid=1', 'X-Team': 'a' },
      body: { type: 'application/x-www-form-urlencoded', text: 'user=me&password=pw' },
      status: 303,
    },
  ]);
  const [login] = candidates;
  expect(login?.config).toEqual({
    post: '/login?token=t1',
    headers: { authorization: 'Bearer abc', cookie: 'sid=1', 'x-team': 'a' },
    form: { user: 'me', password: 'pw' },
    good: 303,
  } satisfies OperationConfig);
  expect(login?.secrets?.map(({ value }) => value)).toEqual(['Bearer abc', 'sid=1', 'pw', 't1']);
});

test('lists what cannot be used, with the reason', () => {
  const { candidates, unused } = offered([
    { url: `${OWN}/ws`, kind: 'websocket', status: 101 },
    { url: `${OWN}/gone`, status: 404 },
    { method: 'POST', url: `${OWN}/logout` },
    {
      method: 'POST',
      url: `${OWN}/up`,
      body: { type: 'multipart/form-data; boundary=x', text: '--x' },
    },
    {
      method: 'POST',
      url: `${OWN}/img`,
      body: {
        type: 'multipart/form-data',
        params: [{ name: 'f', fileName: 'a.png', contentType: 'image/png' }],
      },
    },
    { method: 'POST', url: `${OWN}/cut`, body: { type: 'application/json', text: '{"a":' } },
    {
      method: 'POST',
      url: `${OWN}/tpl`,
      body: { type: 'application/json', text: '{"a":"${id}"}' },
    },
  ]);
  expect(candidates).toEqual([]);
  expect(unused.map(({ reason }) => reason)).toEqual([
    expect.stringContaining('WebSocket'),
    expect.stringContaining('status 404'),
    expect.stringContaining('may end or empty the server'),
    expect.stringContaining('its files were not recorded'),
    expect.stringContaining('needs a file of image/png'),
    expect.stringContaining('not recorded whole'),
    expect.stringContaining('would read as a placeholder'),
  ]);
});

test.each([
  ['nothing', ''],
  ['a list', '[]'],
  ['no entries', '{"log":{}}'],
])('%s is refused', (_, text) => {
  expect(() => readHar(text, 'x.har')).toThrow(/x\.har is not a HAR file/);
});

test('entries that are not whole are passed over', () => {
  expect(
    readHar('{"log":{"entries":[null,{},{"request":{"method":"GET","url":"/"}}]}}', 'x'),
  ).toEqual([]);
});
