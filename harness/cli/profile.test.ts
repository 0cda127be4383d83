/** `hanglab profile` from outside, with the real clinic: what its pages show, and what is left of it all. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import type { Tool } from '../profiler/tools.ts';
import { isLong } from '../testing/long.ts';
import { type Cli, cli, startCli, until } from './start-cli.test-helper.ts';

vi.setConfig({ testTimeout: 120_000 });
const SHORT_RUN = fileURLToPath(new URL('fixtures/short-run.ts', import.meta.url));
/** A busy machine takes its time to end a tree of processes. */
const GRACE_MS = 15_000;

async function nothingIsLeft(run: Cli): Promise<void> {
  await until(
    () => run.leftovers().length === 0,
    GRACE_MS,
    () => run.leftovers().join('\n'),
  );
  // Clinic and Node write to the folder that they are started in.
  for (const name of readdirSync(run.folder)) expect(name).toMatch(/^reports$|^tmp-/);
}

/** Runs `scenario` under `tool` to its end, and returns what it printed and the page. */
async function profile(scenario: string, tool: Tool): Promise<{ stdout: string; page: string }> {
  await using run = startCli(['profile', scenario, '--with', tool]);
  const { code, stdout, stderr } = await run.exit;
  expect(stderr).toBe('');
  // On a machine that others keep busy it may be inconclusive; wrong it may not be.
  const verdict = /^(pass|inconclusive): 1/m.exec(stdout)?.[1];
  expect({ verdict, code }).toEqual({ verdict, code: verdict === 'pass' ? 0 : 2 });
  const path = /^profile +(\S+)$/m.exec(stdout)?.[1] ?? '';
  const latest = join(run.out, 'latest');
  expect(readdirSync(latest)).toContain(`profile-${tool}.html`);
  expect(readFileSync(join(latest, 'repro.sh'), 'utf8')).toContain(`--with ${tool}`);
  const page = readFileSync(join(run.folder, path), 'utf8');
  await nothingIsLeft(run);
  return { stdout, page };
}

it('doctor: samples over the whole time', async () => {
  const { stdout, page } = await profile('upload-burst', 'doctor');
  expect(stdout).toContain('upload-burst: fault');
  const times = [...page.matchAll(/"timestamp":(\d+)/g)].map(([, time]) => Number(time));
  const seconds = (Math.max(...times) - Math.min(...times)) / 1000;
  expect(seconds).toBeGreaterThan(5);
  expect(page).toContain('"issueCategory"');
});

/** They mostly draw: beside each other they take half the time. */
describe.concurrent('the other tools draw their pages too', () => {
  it.runIf(isLong)('bubbleprof: what the functions of the target wait for', async () => {
    const { page } = await profile(SHORT_RUN, 'bubbleprof');
    expect(page).toContain('target/http/document-routes.ts');
  });

  it('flame: the functions of the target under their own names, as its own', async () => {
    const { page } = await profile(SHORT_RUN, 'flame');
    expect(page).toMatch(/"fileName":"[./\w-]*target\/[\w/-]+\.ts"[^}]*"category":"app"/);
    expect(page).not.toMatch(/\.ts\.js\b|"fileName":"file:/);
  });

  it.runIf(isLong)('heapprofiler: the same', async () => {
    const { page } = await profile(SHORT_RUN, 'heapprofiler');
    expect(page).toMatch(/"fileName":"[^"]*\/target\/[\w/-]+\.ts"[^}]*"category":"app"/);
    expect(page).not.toMatch(/\.ts\.js\b|"fileName":"file:/);
  });
});

it('tells all that is wrong at once, with the nearest names, before it starts anything', async () => {
  const { code, stderr } = await cli(['profile', 'upload-brust', '--with', 'heap-profiler']);
  expect(code).toBe(3);
  expect(stderr).toMatch(/--with heap-profiler: expected doctor, .* Did you mean "heapprofiler"\?/);
  expect(stderr).toContain('Did you mean "upload-burst"?');
  expect(stderr).toContain('(bad-usage)');
});

describe.concurrent('nothing is left', () => {
  it.for([
    { sign: 'short-run: baseline', signal: 'SIGINT', code: 130 },
    { sign: 'the page is drawn', signal: 'SIGKILL', code: null },
  ] as const)('of a $signal after "$sign"', async ({ sign, signal, code }) => {
    await using run = startCli(['profile', SHORT_RUN, '--with', 'heapprofiler']);
    await run.said(sign);
    run.noteListeners();
    run.send(signal);
    const exit = await run.exit;
    expect(exit.code).toBe(code);
    expect(exit.stderr).not.toMatch(/^\s+at \S/m);
    await nothingIsLeft(run);
  });
});
