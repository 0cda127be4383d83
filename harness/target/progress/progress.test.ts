import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { buildTarget } from '../config/build-target.ts';
import type { ProgressConfig, TargetConfig } from '../config/config.ts';
import { problemsOf } from '../config/load-config.ts';
import type { RunningTarget, Target } from '../target.ts';

const SERVER = fileURLToPath(new URL('worker.fixture.mjs', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'hanglab-progress-test-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const jobs = (state: string) => `SELECT count(*) FROM jobs WHERE state = '${state}'`;
const SQLITE = {
  sqlite: '${tmp}/jobs.db',
  open: jobs('open'),
  done: jobs('done'),
  givenUp: jobs('dropped'),
};
const SOURCES: Record<string, ProgressConfig> = {
  'an HTTP answer': { get: '/jobs', open: '$.open', done: '$.done', givenUp: '$.dropped' },
  metrics: {
    metrics: '/metrics',
    open: 'jobs{state="open", queue="a,b}"}',
    done: 'jobs{state="done"}',
    givenUp: 'dropped_total',
  },
  'a SQLite file': SQLITE,
  files: {
    files: {
      open: '${tmp}/open/*.json',
      done: '${tmp}/done/*.json',
      givenUp: '${tmp}/dropped/*.json',
    },
  },
  'log lines': {
    log: { accepted: /^job \d+ accepted$/, done: /finished$/g, givenUp: /given up: é{3}/ },
  },
};

const configOf = (progress: ProgressConfig, env: Record<string, string> = {}): TargetConfig => ({
  server: { command: [process.execPath, SERVER], env: { DATA: '${tmp}', ...env } },
  progress,
});

async function opened(target: Target): Promise<RunningTarget> {
  const folder = mkdtempSync(join(scratch, 'run-'));
  mkdirSync(folder, { recursive: true });
  return target.open({
    port: 0,
    upstreams: {},
    folder,
    logFile: join(folder, 'target.log'),
    watchGroup() {},
    forgetGroup() {},
    watchContainer() {},
    forgetContainer() {},
    signal: new AbortController().signal,
  });
}

const post = ({ port }: RunningTarget, path: string) =>
  fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST' });
const now = ({ progress }: Target, running: RunningTarget) =>
  progress?.read(running, AbortSignal.timeout(5000));

describe.each(Object.entries(SOURCES))('progress told by %s', (_, config) => {
  test('follows work from accepted to done and given up', async () => {
    const target = buildTarget(configOf(config), scratch);
    await using running = await opened(target);
    expect(await now(target, running)).toEqual({ open: 0, done: 0, givenUp: 0 });
    for (const path of ['/', '/', '/', '/work', '/drop']) await post(running, path);
    await expect.poll(() => now(target, running)).toEqual({ open: 1, done: 1, givenUp: 1 });
    await post(running, '/work');
    await expect.poll(() => now(target, running)).toEqual({ open: 0, done: 2, givenUp: 1 });
  });
});

describe('progress told by a SQLite file', () => {
  test.each([
    'delete',
    'persist',
    'wal',
  ])('journal mode %s: a write goes on beside it', async (JOURNAL) => {
    const target = buildTarget(configOf(SQLITE, { JOURNAL }), scratch);
    await using running = await opened(target);
    await post(running, '/');
    await post(running, '/lock');
    // In the middle of a transaction it is told as it was before, or not at all: never as it may become.
    const during = await now(target, running);
    expect(during?.open ?? 1).toBe(1);
    // The server has no busy timeout: a lock of ours would break this.
    expect((await post(running, '/unlock')).status).toBe(200);
    await expect.poll(() => now(target, running)).toEqual({ open: 2, done: 0, givenUp: 0 });
  });

  test('a file that is not there yet, or has no such table, tells nothing', async () => {
    const target = buildTarget(configOf({ ...SQLITE, sqlite: '${tmp}/none.db' }), scratch);
    await using running = await opened(target);
    await expect(now(target, running)).rejects.toThrow();
  });
});

test('a metric that is not there, and a page of errors, tell nothing', async () => {
  const missing = { metrics: '/metrics', open: 'jobs{state="opened"}', done: 'jobs' };
  const target = buildTarget(configOf(missing), scratch);
  await using running = await opened(target);
  expect(await now(target, running)).toBeNull();
});

test('what a config says of progress is checked, each problem with its place', () => {
  const problems = (progress: unknown, server?: TargetConfig['server']) =>
    problemsOf({ ...configOf(progress as ProgressConfig), ...(server ? { server } : {}) });
  expect(problems({ metrics: '/metrics', open: 'jobs{state=open}', done: 'jobs' })).toEqual([
    'progress.open: "jobs{state=open}" is no metric: expected a name, or a name with labels like jobs{state="open"}',
  ]);
  expect(problems({ sqlite: 'x.db', open: 'DELETE FROM jobs', done: 'select 1' })).toEqual([
    'progress.open: expected a SELECT whose first value is a number',
  ]);
  expect(problems({ files: { open: '*', dones: '*' } })).toEqual([
    expect.stringContaining('progress.files.done'),
    'progress.files: there is no "dones" here. Did you mean "done"?',
  ]);
  expect(problems({ log: { accepted: /a/, done: 'b' } })).toEqual([
    'progress.log.done: expected a regular expression',
  ]);
  expect(problems({ sqlight: 'x.db' })).toEqual([
    'progress: expected one of get, metrics, sqlite, files, log',
  ]);
  const attached = { attach: { port: 80 } };
  expect(problems({ log: { accepted: /a/, done: /b/ } }, attached)).toEqual([
    'progress.log: hanglab does not see what an attached server prints',
  ]);
  expect(problems({ files: { open: '${tmp}/*', done: '/x/*' } }, attached)).toEqual([
    'progress.files.open: ${tmp} is the folder of a run, and an attached server has none',
  ]);
});
