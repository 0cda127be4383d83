import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { readLight } from '../procfs.ts';
import { type Fixture, startFixture, startServer } from './fixtures/start.ts';
import { type Diagnosis, diagnose, pythonAgentEnvironment } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'diagnosis-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Skips with the tool's name, so that the report says what this machine could not show. */
const missing = (tool: string, ...args: string[]) =>
  spawnSync(tool, args, { stdio: 'ignore' }).error ? `no ${tool}` : null;
const python = missing('python3', '--version');

describe('other runtimes', { timeout: 120_000 }, () => {
  test('Python: a deadlocked asyncio semaphore, in a target that we started', async (context) => {
    if (python) return context.skip(python);
    await using server = await startFixture('deadlocked_semaphore.py', {
      runtime: 'python3',
      env: pythonAgentEnvironment(join(folder, 'tasks.json')),
    });
    const diagnosis = await hung(server, 3);
    expect(diagnosis.code, report(diagnosis)).toBe('deadlock');
    expect(lines(diagnosis, server)).toEqual(
      expect.arrayContaining([server.lineOf('stuck here'), server.lineOf('waits here')]),
    );
    expect(diagnosis.holder?.where).toMatchObject({
      function: 'handle',
      line: server.lineOf('holds here'),
    });
    expect((await fetch(server.healthUrl)).status).toBe(200);
  });

  test('Python: without the agent it is undecided, and says what would decide', async (context) => {
    if (python) return context.skip(python);
    await using server = await startFixture('deadlocked_semaphore.py', { runtime: 'python3' });
    const diagnosis = await hung(server, 2);
    expect(diagnosis.decided, report(diagnosis)).toBe(false);
    expect(diagnosis.evidence.join('\n')).toMatch(/agent is not in it/);
  });

  test('Python: a blocked loop by line', async (context) => {
    const tool = python ?? missing('py-spy', '--version');
    if (tool) return context.skip(tool);
    await using server = await startFixture('blocked_loop.py', { runtime: 'python3' });
    const diagnosis = await hung(server, 1);
    expect(diagnosis.code, report(diagnosis)).toBe('event-loop-blocked');
    expect(diagnosis.where[0]).toMatchObject({ function: 'checksum', file: server.file });
  });

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

async function hung(server: Fixture, requests: number): Promise<Diagnosis> {
  for (let i = 0; i < requests; i++) server.ask(`/request-${i}`);
  const diagnosis = await diagnose({ pid: server.pid, healthUrl: server.healthUrl });
  expect(readLight(server.pid)?.alive, 'looking has not ended it').toBe(true);
  return diagnosis;
}

function lines(diagnosis: Diagnosis, server: Fixture): number[] {
  return diagnosis.where.filter(({ file }) => file === server.file).map(({ line }) => line);
}

function report({ code, sentence, evidence }: Diagnosis): string {
  return [code, sentence, ...evidence].join('\n');
}
