/** `hanglab run` from outside: what it prints and where, what it writes, its exit code. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { isLong } from '../../testing/long.ts';
import { startCli } from '../start-cli.test-helper.ts';

vi.setConfig({ testTimeout: 90_000 });
const folder = mkdtempSync(join(tmpdir(), 'cli-run-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const fixture = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/${name}.ts`, import.meta.url));

interface RunJson {
  schema: string;
  verdict: 'pass' | 'fail' | 'inconclusive';
  seed: number;
  scenarios: {
    name: string;
    verdict: string;
    attempts: number;
    report: string;
    findings: { check: string; verdict: string; message: string; known?: true; reason?: string }[];
  }[];
}

describe('a run', () => {
  it('that passes prints only JSON on standard output, and its exit code is its verdict', async () => {
    const known = join(folder, 'old.txt');
    writeFileSync(known, '\nshort-run every-request-ends # was slow\n');
    const args = ['run', fixture('short-run'), '--json', '--seed', '7', '--known-failures', known];
    await using run = startCli(args);
    const { code, stdout, stderr } = await run.exit;
    const told = JSON.parse(stdout) as RunJson;
    expect(told).toMatchObject({
      schema: 'hanglab.run/1',
      seed: 7,
      toxiproxy: { provider: 'embedded' },
      scenarios: [{ name: 'short-run', verdict: told.verdict, attempts: 1 }],
    });
    // On a machine that others keep busy it may be inconclusive; wrong it may not be.
    expect(['pass', 'inconclusive']).toContain(told.verdict);
    expect(code).toBe(told.verdict === 'pass' ? 0 : 2);
    expect(stderr).toContain('short-run: warmup');
    expect(stderr).toContain('seed 7');
    const gone = 'known failure passes now: short-run every-request-ends; remove the line';
    expect(stderr).toContain(`${gone} ${known}:2`);
    expect(run.leftovers()).toEqual([]);
  });

  it('that fails is told to people, programs and build servers, with exit code 1', async () => {
    const junit = join(folder, 'deep', 'er', 'junit.xml');
    const summary = join(folder, 'summary.md');
    writeFileSync(summary, 'what was there before\n');
    const out = join(folder, 'reports');
    for (const day of ['01', '02', '03']) {
      const old = join(out, 'always-fails', `2020-01-${day}T00-00-00-000Z`);
      mkdirSync(old, { recursive: true });
      writeFileSync(join(old, 'scenario.json'), '{}');
    }
    await using run = startCli(
      ['run', fixture('always-fails'), '--seed=7', '--junit', junit, '--out', out, '--keep=2'],
      { env: { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary } },
    );
    const { code, stdout } = await run.exit;
    expect(code).toBe(1);
    expect(stdout).toContain('a made-up failure <&> "quoted" (2 ms, limit 1 ms)');
    expect(stdout).toMatch(
      /^::error .*title=always-fails%3A progress::progress: a made-up failure/m,
    );
    expect(readFileSync(junit, 'utf8')).toContain(
      '<failure message="a made-up failure &lt;&amp;&gt; &quot;quoted&quot;" type="progress">',
    );
    const written = readFileSync(summary, 'utf8');
    expect(written).toMatch(/^what was there before\n### hanglab: fail\n/);
    expect(written).toMatch(/\| always-fails \| ✖ fail \| \*\*progress\*\* a made-up failure/);

    const report = join(out, readlinkSync(join(out, 'latest')));
    expect(stdout).toContain(report);
    const kept = readdirSync(join(out, 'always-fails'));
    expect(kept.toSorted()).toEqual(['2020-01-03T00-00-00-000Z', report.split('/').at(-1)]);
    for (const name of [
      'history.ndjson',
      'scenario.json',
      'summary.md',
      'target.log',
      'verdict.json',
    ])
      expect(readdirSync(report)).toContain(name);
    const repro = readFileSync(join(report, 'repro.sh'), 'utf8');
    expect(repro).toMatch(/bin\/hanglab\.js run \S*always-fails\.ts --seed 7 /);
    expect(run.leftovers()).toEqual([]);
  });

  it('with a known failure holds the target for a look, and does not break the build', async () => {
    const known = join(folder, 'known.txt');
    writeFileSync(known, 'always-fails progress  # waits for #12\n');
    const args = ['run', fixture('always-fails'), '--known-failures', known, '--hold', '2s'];
    await using run = startCli([...args, '--json'], { env: { GITHUB_ACTIONS: 'true' } });
    await run.said('held for 2 s');
    const heldAtMs = performance.now();
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(run.text())?.[0];
    expect((await fetch(`${url}/health`)).status).toBe(200);
    const { code, stdout, stderr } = await run.exit;
    // From the moment when it was read here, not when it was written there.
    expect(performance.now() - heldAtMs).toBeGreaterThan(1500);
    const { verdict, scenarios } = JSON.parse(stdout) as RunJson;
    const finding = { check: 'progress', verdict: 'fail', known: true, reason: 'waits for #12' };
    expect(scenarios[0]?.findings).toContainEqual(expect.objectContaining(finding));
    expect(['pass', 'inconclusive']).toContain(verdict);
    expect(code).toBe(verdict === 'pass' ? 0 : 2);
    expect(stderr).toContain('(known: waits for #12)');
    expect(stderr).toContain('1 known failure');
    expect(stderr).toMatch(/^::notice .*title=always-fails%3A progress::/m);
    expect(run.leftovers()).toEqual([]);
  });
});

describe('a target that dies', () => {
  it('in mid-run: the run fails, and says how with its last log lines', async () => {
    await using run = startCli(['run', fixture('short-run'), '--json']);
    await run.said('short-run: baseline');
    const target = run.processes().find(({ command }) => command.includes('target/main'));
    process.kill(target?.pid ?? 0, 'SIGKILL');
    const { code, stdout } = await run.exit;
    const { verdict, scenarios } = JSON.parse(stdout) as RunJson;
    expect({ code, verdict }).toEqual({ code: 1, verdict: 'fail' });
    const failed = scenarios[0]?.findings.find((finding) => finding.verdict === 'fail');
    expect(failed?.message).toMatch(/SIGKILL/);
    expect(failed?.message).toMatch(/"event":"listening"|"level":/);
    expect(run.leftovers()).toEqual([]);
  });

  it('at start: there is no verdict, and its last log lines say why', async () => {
    await using run = startCli(['run', fixture('short-run')], {
      env: { TARGET_ATTEMPT_MS: 'soon' },
    });
    const { code, stderr } = await run.exit;
    expect(stderr).toContain('the target ended before it was ready (exit code 3)');
    expect(stderr).toMatch(/TARGET_ATTEMPT_MS: .*soon/);
    expect(stderr).toContain('(target-died-at-start)');
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(code).toBe(4);
    expect(run.leftovers()).toEqual([]);
  });
});

describe('time', () => {
  it.runIf(isLong)(
    'an inconclusive scenario is tried again, and the result says how often',
    async () => {
      const args = ['run', fixture('unsure-at-first'), '--retry-inconclusive', '4', '--json'];
      await using run = startCli(args);
      const { stdout, stderr } = await run.exit;
      const [scenario] = (JSON.parse(stdout) as RunJson).scenarios;
      expect(scenario?.attempts).toBeGreaterThanOrEqual(2);
      expect(scenario?.findings[0]).toMatchObject({ check: 'progress', verdict: 'pass' });
      expect(stderr).toContain('unsure-at-first: inconclusive, tried again (1 of at most 4 times)');
    },
  );

  it('the timeout ends what is under way, leaves out the rest, and leaves nothing behind', async () => {
    const args = ['run', fixture('short-run'), fixture('unsure-at-first'), '--timeout', '1500ms'];
    await using run = startCli([...args, '--json']);
    const { code, stdout } = await run.exit;
    const { verdict, scenarios } = JSON.parse(stdout) as RunJson;
    expect({ code, verdict }).toEqual({ code: 2, verdict: 'inconclusive' });
    expect(scenarios.map(({ name }) => name)).toEqual(['short-run', 'unsure-at-first']);
    for (const { findings } of scenarios)
      expect(findings).toMatchObject([
        {
          ...{ check: 'harness-trusted', verdict: 'inconclusive' },
          message: 'no verdict: the --timeout of 1.5 s for all scenarios together was over',
        },
      ]);
    expect(run.leftovers()).toEqual([]);
  });
});
