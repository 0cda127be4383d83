/** Ctrl-C, SIGTERM and kill -9 in every phase: the right exit code, and nothing left behind. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Cli, startCli, until } from './start-cli.test-helper.ts';

const SHORT_RUN = fileURLToPath(new URL('fixtures/short-run.ts', import.meta.url));
const GRACE_MS = 3000;

async function nothingIsLeft(run: Cli): Promise<void> {
  await until(
    () => run.leftovers().length === 0,
    GRACE_MS,
    () => run.leftovers().join('\n'),
  );
}

describe('Ctrl-C', () => {
  it.for([
    'seed',
    'short-run: warmup',
    'short-run: baseline',
    'short-run: fault',
    'short-run: recovery',
    'short-run: quiesce',
  ])('after "%s"', async (sign) => {
    await using run = startCli(['run', SHORT_RUN]);
    await run.said(sign);
    run.noteListeners();
    run.send('SIGINT');
    const { code, stderr } = await run.exit;
    expect(code).toBe(130);
    expect(stderr).not.toMatch(/^\s+at \S/m);
    await nothingIsLeft(run);
  });

  it('pressed twice does not wait', async () => {
    await using run = startCli(['run', SHORT_RUN]);
    await run.said('short-run: baseline');
    run.send('SIGINT');
    run.send('SIGINT');
    expect((await run.exit).code).toBe(130);
    await nothingIsLeft(run);
  });
});

it('SIGTERM ends a run with 143', async () => {
  await using run = startCli(['run', SHORT_RUN]);
  await run.said('short-run: baseline');
  expect(run.noteListeners()).toBeGreaterThanOrEqual(3);
  run.send('SIGTERM');
  expect((await run.exit).code).toBe(143);
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
