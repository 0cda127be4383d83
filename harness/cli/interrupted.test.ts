/** Ctrl-C in every phase, SIGTERM, kill -9: the right exit code, and nothing left behind. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { isLong } from '../testing/long.ts';
import { type Cli, startCli, until } from './start-cli.test-helper.ts';

vi.setConfig({ testTimeout: 90_000 });
const fixture = (name: string): string =>
  fileURLToPath(new URL(`fixtures/${name}.ts`, import.meta.url));
const SHORT_RUN = fixture('short-run');
/** A busy machine takes its time to end a tree of processes. */
const GRACE_MS = 15_000;

async function nothingIsLeft(run: Cli): Promise<void> {
  await until(
    () => run.leftovers().length === 0,
    GRACE_MS,
    () => run.leftovers().join('\n'),
  );
}

describe('Ctrl-C', () => {
  const signs = [
    { sign: 'seed', times: 1 },
    { sign: 'short-run: warmup', times: 1 },
    { sign: 'short-run: baseline', times: 2 },
    { sign: 'short-run: fault', times: 1 },
    { sign: 'short-run: recovery', times: 1 },
    { sign: 'short-run: quiesce', times: 1 },
  ];
  // Each phase is a scope of its own; the first, the last and one in the middle are tried each time.
  const tried = signs.filter(({ sign }) => isLong || /seed|baseline|quiesce/.test(sign));
  it.for(tried)('after "$sign", pressed $times times', async ({ sign, times }) => {
    await using run = startCli(['run', SHORT_RUN]);
    await run.said(sign);
    run.noteListeners();
    for (let i = 0; i < times; i++) run.send('SIGINT');
    const { code, stderr } = await run.exit;
    expect(code).toBe(130);
    expect(stderr).not.toMatch(/^\s+at \S/m);
    await nothingIsLeft(run);
  });
});

it('SIGTERM does not wait for a target that is held for a look', async () => {
  await using run = startCli(['run', fixture('always-fails'), '--hold', '10m']);
  await run.said('held for 10 min');
  expect(run.noteListeners()).toBeGreaterThanOrEqual(3);
  run.send('SIGTERM');
  expect((await run.exit).code).toBe(143);
  await nothingIsLeft(run);
});

it('SIGTERM leaves a JUnit file: what had its verdict by then, and what has none', async () => {
  await using run = startCli(['run', SHORT_RUN, fixture('always-fails'), '--junit', 'junit.xml']);
  await run.said('always-fails: warmup');
  run.send('SIGTERM');
  expect((await run.exit).code).toBe(143);
  const suites = readFileSync(join(run.folder, 'junit.xml'), 'utf8').match(/<testsuite .*/g);
  expect(suites).toEqual([
    expect.stringContaining('name="short-run"'),
    expect.stringMatching(/name="always-fails" tests="1" failures="0" errors="1"/),
  ]);
  expect(run.text()).toContain('no verdict: the run was interrupted');
  expect(run.text()).toMatch(/always-fails: no verdict; what was recorded is in \S+always-fails/);
  await nothingIsLeft(run);
});

it('kill -9 of its own process leaves nothing either', async () => {
  await using run = startCli(['run', SHORT_RUN]);
  await run.said('short-run: baseline');
  expect(run.noteListeners()).toBeGreaterThanOrEqual(3);
  // hanglab, its reaper, the scripted model and the target; and the target's data.
  expect(run.processes().length).toBeGreaterThanOrEqual(4);
  expect(run.leftovers().some((left) => left.startsWith('folder hanglab-'))).toBe(true);
  run.send('SIGKILL');
  expect((await run.exit).signal).toBe('SIGKILL');
  await nothingIsLeft(run);
});

describe('started by an older Node, it starts again under that of the project', () => {
  const oldNode = ['/usr/bin/node', process.env.HANGLAB_OLD_NODE ?? ''].find(existsSync);

  it.skipIf(!oldNode)('and ends with it, however that ends', async () => {
    await using run = startCli(['run', SHORT_RUN], { node: oldNode ?? '' });
    await run.said('short-run: warmup');
    const own = run.processes().filter(({ command }) => command.includes('hanglab.js run'));
    expect(own.map(({ command }) => command.split(' ')[0])).toEqual([
      oldNode,
      expect.stringMatching(/\/node_modules\/.*node$/),
    ]);
    run.send('SIGKILL');
    await nothingIsLeft(run);
  });

  it.skipIf(!oldNode)('and a SIGINT to it alone, as build servers send it, arrives', async () => {
    await using run = startCli(['run', SHORT_RUN], { node: oldNode ?? '' });
    await run.said('seed');
    run.send('SIGINT');
    expect((await run.exit).code).toBe(130);
    await nothingIsLeft(run);
  });
});

it('a reader that goes away ends nothing: the verdict is the exit code', async () => {
  await using run = startCli(['run', SHORT_RUN]);
  await run.said('seed');
  run.stopReading();
  const { code, stderr } = await run.exit;
  expect(stderr).toBe('');
  expect([0, 2]).toContain(code);
  await nothingIsLeft(run);
});
