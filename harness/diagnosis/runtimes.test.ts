import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { hung, missing } from './fixtures/asked.ts';
import { startFixture, startServer } from './fixtures/start.ts';
import { lines, report } from './fixtures/told.ts';

const folder = mkdtempSync(join(tmpdir(), 'diagnosis-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('Go and the JVM', { timeout: 120_000 }, () => {
  test('Go: a mutex that was left locked', async (context) => {
    const tool = missing('go', 'version') ?? missing('dlv', 'version');
    if (tool) return context.skip(tool);
    const source = fileURLToPath(new URL('fixtures/locked_mutex.go', import.meta.url));
    const binary = join(folder, 'locked_mutex');
    spawnSync('go', ['build', '-o', binary, source], { stdio: 'inherit' });
    await using server = await startServer(source, [binary]);
    await fetch(`http://127.0.0.1:${server.port}/first-0`);
    const diagnosis = await hung(server, 3);
    expect(diagnosis.code, report(diagnosis)).toBe('abandoned-lock');
    expect(lines(diagnosis, server)).toContain(server.lineOf('stuck here'));
    expect((await fetch(server.healthUrl)).status).toBe(200);
  });

  test('JVM: two monitors in opposite order', async (context) => {
    const tool = missing('java', '-version') ?? missing('jcmd', '-h');
    if (tool) return context.skip(tool);
    await using server = await startFixture('Monitors.java', { runtime: 'java' });
    const diagnosis = await hung(server, 2);
    expect(diagnosis.code, report(diagnosis)).toBe('deadlock');
    expect(diagnosis.where.map(({ line }) => line)).toContain(server.lineOf('stuck here'));
  });
});
