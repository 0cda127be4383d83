import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { afterAll, describe, expect, test } from 'vitest';
import { examined } from '../fixtures/assertions.ts';
import { startFixture, startServer } from '../fixtures/start.ts';

const folder = mkdtempSync(join(tmpdir(), 'diagnosis-bundled-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('code that is not what a person wrote', { timeout: 120_000 }, () => {
  test('a bundled and minified server is named by its sources', async () => {
    const entry = fileURLToPath(
      new URL('../fixtures/node/deadlocked-semaphore.mjs', import.meta.url),
    );
    await build({
      configFile: false,
      logLevel: 'error',
      build: {
        ssr: entry,
        outDir: folder,
        emptyOutDir: false,
        minify: true,
        sourcemap: true,
        rollupOptions: { output: { entryFileNames: 'server.mjs' } },
      },
    });
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    await using server = await startServer(entry, [process.execPath, join(folder, 'server.mjs')]);
    for (let i = 0; i < 3; i++) server.ask(`/request-${i}`);
    const diagnosis = await examined({ pid: server.pid, healthUrl: server.healthUrl });
    expect(diagnosis.code, diagnosis.sentence).toBe('deadlock');
    expect(diagnosis.where.map(({ file }) => file)).toEqual([entry, entry]);
    expect(diagnosis.where.map(({ line }) => line)).toEqual(
      expect.arrayContaining([server.lineOf('stuck here'), server.lineOf('waits here')]),
    );
    expect(diagnosis.holder?.where?.line).toBe(server.lineOf('holds here'));
  });

  test('TypeScript with its types stripped keeps its lines', async () => {
    await using server = await startFixture('stuck.ts');
    server.ask('/request');
    const diagnosis = await examined({ pid: server.pid, healthUrl: server.healthUrl });
    expect(diagnosis.where[0], diagnosis.sentence).toMatchObject({
      file: server.file,
      line: server.lineOf('stuck here'),
      function: 'handle',
    });
  });
});
