/** What a build server sees of a run: files, annotations, exit codes. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { cli, startCli } from './start-cli.test-helper.ts';

const folder = mkdtempSync(join(tmpdir(), 'cli-ci-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const fixture = (name: string): string =>
  fileURLToPath(new URL(`fixtures/${name}.ts`, import.meta.url));

interface RunJson {
  verdict: string;
  scenarios: {
    name: string;
    verdict: string;
    attempts: number;
    report: string | null;
    findings: { check: string; verdict: string; message: string; known?: true; reason?: string }[];
  }[];
}

describe('a failure', () => {
  it('goes into the JUnit file, an annotation and the job summary; JSON stays JSON', async () => {
    const junit = join(folder, 'deep', 'er', 'junit.xml');
    const summary = join(folder, 'summary.md');
    writeFileSync(summary, 'what was there before\n');
    const { code, stdout, stderr } = await cli(
      ['run', fixture('always-fails'), '--seed', '7', '--json', '--junit', junit],
      { env: { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary } },
    );
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'fail' });
    expect(stderr).toMatch(
      /^::error .*title=always-fails%3A progress::progress: a made-up failure/m,
    );
    expect(readFileSync(junit, 'utf8')).toContain(
      '<failure message="a made-up failure &lt;&amp;&gt; &quot;quoted&quot;" type="progress">',
    );
    const written = readFileSync(summary, 'utf8');
    expect(written).toMatch(/^what was there before\n### hanglab: fail\n/);
    expect(written).toMatch(/\| always-fails \| ✖ fail \| \*\*progress\*\* a made-up failure/);
  });

  it('that is known does not break the build, and is told everywhere', async () => {
    const known = join(folder, 'known.txt');
    const junit = join(folder, 'known.xml');
    writeFileSync(known, 'always-fails progress  # waits for #12\n');
    const args = ['run', fixture('always-fails'), '--known-failures', known, '--junit', junit];
    const { code, stdout, stderr } = await cli([...args, '--json']);
    const { verdict, scenarios } = JSON.parse(stdout) as RunJson;
    const [scenario] = scenarios;
    expect(scenario?.findings).toContainEqual(
      expect.objectContaining({
        check: 'progress',
        verdict: 'fail',
        known: true,
        reason: 'waits for #12',
      }),
    );
    // The busy machine may leave it inconclusive; what it may not be is a failure.
    expect(['pass', 'inconclusive']).toContain(verdict);
    expect(code).toBe(verdict === 'pass' ? 0 : 2);
    expect(stderr).toContain('(known: waits for #12)');
    expect(stderr).toContain('1 known failure');
    expect(readFileSync(junit, 'utf8')).toContain(
      '<skipped message="known failure: waits for #12"',
    );
  });

  it('that is known and passes now is to be taken off the list', async () => {
    const known = join(folder, 'old.txt');
    writeFileSync(known, '\nshort-run every-request-ends # was slow\n');
    const { stdout } = await cli(['run', fixture('short-run'), '--known-failures', known]);
    expect(stdout).toContain(
      `known failure passes now: short-run every-request-ends; remove the line ${known}:2`,
    );
  });
});

describe('time', () => {
  it('tries an inconclusive scenario again, and says how often', async () => {
    const { stdout, stderr } = await cli([
      ...['run', fixture('unsure-twice'), '--retry-inconclusive', '5', '--json'],
    ]);
    const [scenario] = (JSON.parse(stdout) as RunJson).scenarios;
    expect(scenario?.attempts).toBeGreaterThanOrEqual(3);
    expect(scenario?.findings[0]).toMatchObject({ check: 'progress', verdict: 'pass' });
    expect(stderr).toContain('unsure-twice: inconclusive, tried again (1 of at most 5 times)');
    expect(stderr).toContain('unsure-twice: inconclusive, tried again (2 of at most 5 times)');
  });

  it('ends what is under way at the timeout, leaves out the rest, and leaves nothing behind', async () => {
    const args = ['run', fixture('short-run'), fixture('unsure-twice'), '--timeout', '2500ms'];
    await using run = startCli([...args, '--json']);
    const { code, stdout } = await run.exit;
    const { verdict, scenarios } = JSON.parse(stdout) as RunJson;
    expect({ code, verdict }).toEqual({ code: 2, verdict: 'inconclusive' });
    expect(scenarios.map(({ name }) => name)).toEqual(['short-run', 'unsure-twice']);
    for (const { findings } of scenarios)
      expect(findings).toMatchObject([
        {
          ...{ check: 'harness-trusted', verdict: 'inconclusive' },
          message: 'no verdict: the --timeout of 2.5 s for all scenarios together was over',
        },
      ]);
    expect(run.leftovers()).toEqual([]);
  });

  it('keeps the newest reports, and the one that has just failed', async () => {
    const out = join(folder, 'reports');
    for (const day of ['01', '02', '03']) {
      const old = join(out, 'always-fails', `2020-01-${day}T00-00-00-000Z`);
      mkdirSync(old, { recursive: true });
      writeFileSync(join(old, 'scenario.json'), '{}');
    }
    const args = ['run', fixture('always-fails'), '--out', out, '--keep', '2', '--json'];
    const { stdout } = await cli(args);
    const [scenario] = (JSON.parse(stdout) as RunJson).scenarios;
    const left = readdirSync(join(out, 'always-fails')).toSorted();
    expect(left).toHaveLength(2);
    expect(left[0]).toBe('2020-01-03T00-00-00-000Z');
    expect(existsSync(join(scenario?.report ?? '', 'verdict.json'))).toBe(true);
  });
});

it('says everything that is wrong with these options at once', async () => {
  const known = join(folder, 'wrong.txt');
  writeFileSync(known, 'upload-brust progress # x\nupload-burst progres # x\n');
  const { code, stdout, stderr } = await cli([
    ...['run', '--junit', folder, '--known-failures', known, '--retry-inconclusive', '-1'],
    ...['--timeout', 'soon', '--keep', '0'],
  ]);
  for (const part of [
    '6 things are wrong:',
    `--junit ${folder}: that is a folder`,
    `${known}:1: there is no scenario "upload-brust". Did you mean "upload-burst"?`,
    `${known}:2: there is no check "progres". Did you mean "progress"?`,
    '--retry-inconclusive -1: expected a whole number',
    '--timeout: "soon" is not a duration',
    '--keep 0: expected a whole number',
  ]) {
    expect(stderr).toContain(part);
  }
  expect(stdout).toBe('');
  expect(code).toBe(3);
});
