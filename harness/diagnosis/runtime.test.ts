import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { lines, report } from './fixtures/assertions.ts';
import { hung, missing } from './fixtures/hung.ts';
import { type Fixture, fixtureFile, startFixture, startServer } from './fixtures/start.ts';

const folder = mkdtempSync(join(tmpdir(), 'diagnosis-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const go = missing('go', 'version') ?? missing('dlv', 'version');

describe('Go and the JVM', { timeout: 120_000 }, () => {
  test('Go: a mutex that was left locked', async (context) => {
    if (go) return context.skip(go);
    await using server = await startGo('locked_mutex');
    await fetch(`http://127.0.0.1:${server.port}/first-0`);
    const diagnosis = await hung(server, 3);
    expect(diagnosis.code, report(diagnosis)).toBe('abandoned-lock');
    expect(lines(diagnosis, server)).toEqual([server.lineOf('stuck here')]);
    expect(diagnosis.where[0]).toMatchObject({ function: 'main.handle', count: 3 });
    expect((await fetch(server.healthUrl)).status).toBe(200);
  });

  test('Go: results that nobody receives any more, beside workers that rightly wait', async (context) => {
    if (go) return context.skip(go);
    await using server = await startGo('unreceived_channel');
    const healthy = await hung(server, 0);
    expect(healthy.code, report(healthy)).toBe('live');
    expect(healthy.evidence.join('\n')).toMatch(/waits for work.* main\.archive /);
    for (const key of ['a', 'b', 'c', 'd']) {
      expect((await fetch(`http://127.0.0.1:${server.port}/${key}`)).status).toBe(504);
    }
    const diagnosis = await hung(server, 0);
    expect(diagnosis.code, report(diagnosis)).toBe('task-leak');
    expect(lines(diagnosis, server)).toEqual([server.lineOf('stuck here')]);
    expect(diagnosis.where[0]).toMatchObject({ function: 'main.lookUp', count: 4 });
  });

  test('Go: without delve it is undecided, and names what to install', async (context) => {
    if (go) return context.skip(go);
    await using server = await startGo('locked_mutex');
    vi.stubEnv('PATH', folder);
    try {
      const diagnosis = await hung(server, 0);
      expect(diagnosis.decided).toBe(false);
      expect(diagnosis.evidence.join('\n')).toMatch(/go install .*dlv/);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test('JVM: two monitors in opposite order', async (context) => {
    const tool = missing('java', '-version') ?? missing('jcmd', '-h');
    if (tool) return context.skip(tool);
    await using server = await startFixture('Monitors.java', { runtime: 'java' });
    const diagnosis = await hung(server, 2);
    expect(diagnosis.code, report(diagnosis)).toBe('deadlock');
    expect(diagnosis.where[0]).toMatchObject({
      function: 'Monitors.both',
      file: 'Monitors.java',
      line: server.lineOf('stuck here'),
    });
    expect(diagnosis.holder?.sentence).toMatch(/^"pool-1-thread-\d" holds it/);
    expect(diagnosis.evidence.filter((line) => line.startsWith('cycle: '))).toHaveLength(2);
    expect((await fetch(server.healthUrl)).status).toBe(200);
  });
});

async function startGo(name: string): Promise<Fixture> {
  const source = fixtureFile(`${name}.go`);
  const binary = join(folder, name);
  spawnSync('go', ['build', '-o', binary, source], { stdio: 'inherit' });
  return startServer(source, [binary]);
}
