import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { linkItems } from './item-links.ts';
import { requestLine } from './request-line.ts';

const folder = mkdtempSync(join(tmpdir(), 'request-line-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, 'a.md'), '# A\n');
writeFileSync(join(folder, 'a.bin'), Buffer.from([0xff, 0xfe, 0x00]));

const config = (line: string) => requestLine(line, folder).config;

test.each([
  ['GET /search?q=${title}', { get: '/search?q=${title}' }],
  [
    'post /docs {"title": "${title}", "tags": [1, "a b"]}',
    { post: '/docs', json: { title: '${title}', tags: [1, 'a b'] } },
  ],
  ['POST /bulk [1, 2]', { post: '/bulk', json: [1, 2] }],
  [
    `POST /login user=me note="a b" quote='say "hi"'`,
    { post: '/login', form: { user: 'me', note: 'a b', quote: 'say "hi"' } },
  ],
  ['POST /login url=http://x/?a=b', { post: '/login', form: { url: 'http://x/?a=b' } }],
  [
    'POST /up file@a.md lang=en',
    {
      post: '/up',
      multipart: { lang: 'en', file: { text: '# A\n', filename: 'a.md', type: 'text/markdown' } },
    },
  ],
  [
    'POST /up file@${document}',
    {
      post: '/up',
      multipart: { file: { text: '${document}', filename: '${title}.md', type: 'text/markdown' } },
    },
  ],
  [
    'PUT /raw Content-Type:text/csv @a.md',
    { put: '/raw', headers: { 'Content-Type': 'text/csv' }, body: '# A\n' },
  ],
  [
    'POST /x Authorization:"Bearer t0ken" {"n":1}',
    { post: '/x', headers: { Authorization: 'Bearer t0ken' }, json: { n: 1 } },
  ],
])('%s', (line, expected) => {
  expect(config(line)).toEqual(expected);
});

test.each([
  ['/docs', 'expected a method and a path'],
  ['GET docs', 'expected a method and a path'],
  ['FETCH /docs', 'FETCH is not a method; expected GET, POST, PUT, PATCH, DELETE'],
  ['POST /docs {"title": }', 'its body is not JSON'],
  ['POST /docs nonsense', '"nonsense" is not Header:value, field=value, field@file, @file or JSON'],
  ['POST /docs a="b', 'the quote " is never closed'],
  ['POST /docs a=b {"c":1}', 'expected one body'],
  ['GET /docs a=b', 'a GET has no body'],
  ['POST /docs f@none.md', 'none.md'],
  ['POST /docs f@a.bin', 'is not text'],
  ['POST /docs {"a":"${titel}"}', 'Did you mean "title"?'],
])('%s is refused: %s', (line, why) => {
  expect(() => requestLine(line, folder)).toThrow(why);
});

test('what is secret in it is marked, and what is a placeholder is not', () => {
  const { secrets } = requestLine(
    'POST /x?api_key=k1&n=2 X-Api-Key:k2 Cookie:${id} {"password":"p1","max_tokens":"9"}',
    folder,
  );
  expect(secrets).toEqual([
    { value: 'k2', variable: 'HANGLAB_X_API_KEY' },
    { value: 'p1', variable: 'HANGLAB_PASSWORD' },
    { value: 'k1', variable: 'HANGLAB_API_KEY' },
  ]);
});

test('requests for one result belong to the write that makes it', () => {
  const lines = [
    'POST /docs {"title":"${title}"}',
    'GET /docs/${id}',
    'DELETE /docs/${id}',
    'GET /users/${id}',
  ];
  const { candidates, unused } = linkItems(lines.map((line) => requestLine(line, folder)));
  expect(candidates.map(({ label, item }) => [label, item?.get, item?.remove])).toEqual([
    ['POST /docs', '/docs/${id}', '/docs/${id}'],
  ]);
  expect(unused).toEqual([
    {
      label: 'GET /users/${id}',
      reason: 'no other operation is a POST /users that makes what ${id} names',
    },
  ]);
});
