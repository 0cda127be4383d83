/** A written config is read again, and gives the same operations. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, expect, test } from 'vitest';
import { buildOperation } from './build-operation.ts';
import type { OperationConfig, TargetConfig } from './config.ts';
import { loadConfig } from './load-config.ts';
import { configSource, type WrittenConfig } from './write-config.ts';

const folder = mkdtempSync(join(tmpdir(), 'write-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => {
  delete process.env.HANGLAB_AUTHORIZATION;
  delete process.env.HANGLAB_TOKEN;
});
let files = 0;

const PLAIN: Omit<WrittenConfig, 'config'> = { comments: {}, notes: [], secrets: [], files: [] };
const server = { command: ['node', 'server.js', '--port', '${port}'] };

/** Written, and read again as a user's would be. */
async function again(source: string): Promise<TargetConfig> {
  const file = join(folder, `hanglab-${++files}.config.mts`);
  writeFileSync(file, source);
  return (await loadConfig(file)).config;
}

const operations: Record<string, OperationConfig> = {
  createNote: {
    post: '/notes',
    json: {
      title: '${title}',
      text: '${document}',
      tags: ['a', 1, null, true],
      "it's": 'say "hi"\n\\',
    },
    id: '$.id',
    done: { get: '/notes/${id}', until: { '$.status': ['done'] } },
  },
  chat: { post: '/chat', json: { prompt: '${text}' }, stream: { format: 'sse', ends: '[DONE]' } },
  'get notes': { get: '/notes?q=${title}' },
  deleteNote: { delete: '/notes/${id}', deletes: 'createNote' },
};

test('the same operations come back, in few lines', async () => {
  const config: TargetConfig = {
    server,
    upstreams: { llm: { model: true } },
    health: '/health',
    operations,
  };
  const source = configSource({
    ...PLAIN,
    config,
    notes: ['Found by `hanglab try`.'],
    comments: { 'operations.createNote': ['A guess: the id is $.id', 'of its answer'] },
  });
  expect(source).toContain("server: { command: 'node server.js --port ${port}' },");
  expect(source).toContain(
    '    // A guess: the id is $.id\n    // of its answer\n    createNote: {',
  );
  expect(source.split('\n').length).toBeLessThan(30);
  expect(source.split('\n').every((line) => line.length <= 100)).toBe(true);
  const read = await again(source);
  expect({ ...read, server }).toEqual(config);
  for (const [name, operation] of Object.entries(read.operations ?? {})) {
    for (const index of [1, 2]) {
      const input = { index, title: `T${index}`, sentence: 's', document: 'd', text: 't', id: 'i' };
      expect(buildOperation(name, operation).request(input)).toEqual(
        buildOperation(name, operations[name]!).request(input),
      );
    }
  }
});

test('nothing secret is written: it is read from the environment', async () => {
  const secret: Record<string, OperationConfig> = {
    list: { get: '/list?token=t0p&page=2', headers: { authorization: 'Bearer s3cret' } },
    other: { get: '/other', headers: { authorization: 'Bearer 0ther' } },
  };
  const source = configSource({
    ...PLAIN,
    config: { server, operations: secret },
    secrets: [
      { value: 'Bearer s3cret', variable: 'HANGLAB_AUTHORIZATION' },
      { value: 't0p', variable: 'HANGLAB_TOKEN' },
      { value: 'Bearer 0ther', variable: 'HANGLAB_AUTHORIZATION' },
    ],
  });
  expect(source).not.toMatch(/s3cret|t0p|0ther/);
  expect(source).toContain(
    '// Set HANGLAB_AUTHORIZATION, HANGLAB_TOKEN and HANGLAB_AUTHORIZATION_2 before a run.',
  );
  process.env.HANGLAB_AUTHORIZATION = 'Bearer s3cret';
  process.env.HANGLAB_TOKEN = 't0p';
  expect((await again(source)).operations?.list).toEqual(secret.list);
});

test('a file is read again from beside the config', async () => {
  writeFileSync(join(folder, 'note.md'), '# Note\n');
  const up = { post: '/up', multipart: { f: { text: '# Note\n', filename: 'note.md' } } };
  const source = configSource({
    ...PLAIN,
    config: { server, operations: { up } },
    files: [{ text: '# Note\n', path: 'note.md' }],
  });
  expect(source).not.toContain('# Note');
  expect((await again(source)).operations?.up).toEqual(up);
});

test('a command that a shell would read otherwise stays a list', async () => {
  const command = ['sh', '-c', 'cd app && exec node "server.js"', '', '$HOME'];
  const read = await again(configSource({ ...PLAIN, config: { server: { command } } }));
  expect(read.server).toEqual({ command });
});

test('whatever a server says stays data: any text, any key, any comment', async () => {
  const text = fc.string({ unit: 'binary', maxLength: 12 });
  const hostile = fc.oneof(
    text,
    fc.constantFrom(
      "'",
      '\\',
      '`',
      '*/',
      '//',
      '\u2028',
      "');process.exit(9);//",
      '\n}',
      '__proto__',
    ),
  );
  const json = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      hostile.filter((each) => !each.includes('${')),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(hostile, tie('value'), { maxKeys: 3, noNullPrototype: true }),
    ),
  })).value;
  const values = fc.sample(json, { numRuns: 300, seed: 4 });
  const many = Object.fromEntries(
    values.map((value, i) => [`o${i}`, { post: '/x', json: value } as OperationConfig]),
  );
  const comments = Object.fromEntries(
    fc.sample(hostile, { numRuns: 300, seed: 5 }).map((each, i) => [`operations.o${i}`, [each]]),
  );
  const source = configSource({ ...PLAIN, comments, config: { server, operations: many } });
  expect((await again(source)).operations).toEqual(many);
});
