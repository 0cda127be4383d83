/**
 * A person in an empty folder, with hanglab as it is packed and a small FastAPI server: every scenario that applies
 * passes; with a call that has no deadline, the place of that call is named.
 */
import { execFile } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { isLong } from '../../testing/long.ts';
import { type PythonEnvironment, pythonEnvironment } from '../../testing/python-environment.ts';
import { SERVER_PACKAGES } from '../../testing/python-packages.ts';

vi.setConfig({ testTimeout: 900_000, hookTimeout: 400_000 });
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'show-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let python: PythonEnvironment;

/** hanglab as npm would install it, its dependencies those of this checkout. */
beforeAll(async () => {
  python = await pythonEnvironment(SERVER_PACKAGES);
  await run('npm', ['pack', '--pack-destination', folder], { cwd: ROOT });
  const [archive = ''] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '.bin'), { recursive: true });
  await run('tar', ['xzf', archive], { cwd: folder });
  renameSync(join(folder, 'package'), join(modules, 'hanglab'));
  symlinkSync('../hanglab/bin/hanglab.js', join(modules, '.bin', 'hanglab'));
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (!name.startsWith('.')) symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
  copyFileSync(
    join(ROOT, 'harness/target/discovery/fixtures/fastapi_server.py'),
    join(folder, 'app.py'),
  );
});

interface RunJson {
  verdict: string;
  scenarios: {
    name: string;
    verdict?: string;
    skipped?: string;
    findings?: { check: string; verdict: string; message: string }[];
    diagnosis?: { sentence: string } | null;
  }[];
}

async function tried(
  options: string[],
): Promise<{ code: number; result: RunJson; stderr: string }> {
  const server = [
    python.missing === null ? python.python : '',
    '-m',
    'uvicorn',
    'app:app',
    '--port',
    '${port}',
  ];
  const args = ['hanglab', 'try', '--json', ...options, '--', ...server];
  const { code, stdout, stderr } = await run('npx', args, { cwd: folder, maxBuffer: 50_000_000 })
    .then((ended) => ({ code: 0, ...ended }))
    .catch((error) => error as { code: number; stdout: string; stderr: string });
  return { code, result: JSON.parse(stdout) as RunJson, stderr };
}

test('a server that keeps its limits passes all that applies', async ({ skip }) => {
  if (!isLong) return skip('it takes minutes: set HANGLAB_LONG=1');
  if (python.missing !== null) return skip(python.missing);
  const { code, result, stderr } = await tried(['--retry-inconclusive', '2', '--jobs', '2']);
  const ran = result.scenarios.filter(({ skipped }) => skipped === undefined);
  const failed = ran.filter(({ verdict }) => verdict === 'fail');
  expect(
    failed.map(({ name, findings }) => [name, findings?.filter((each) => each.verdict === 'fail')]),
  ).toEqual([]);
  expect(stderr).toContain('GET /openapi.json');
  expect(ran.length).toBeGreaterThanOrEqual(12);
  expect([0, 2]).toContain(code);
});

test('one whose call has no deadline fails, at that line', async ({ skip }) => {
  if (python.missing !== null) return skip(python.missing);
  const { code, result } = await tried([
    '--env',
    'HANGS=1',
    '--request-limit',
    '3s',
    '--scenario',
    'llm-goes-silent',
  ]);
  expect(result.scenarios[0]).toMatchObject({ verdict: 'fail' });
  expect(result.scenarios[0]?.diagnosis?.sentence).toContain('create_note (app.py:23)');
  expect(code).toBe(1);
});
