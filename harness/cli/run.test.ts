/** `hanglab run` from outside: what it prints and where, its exit code, its report. */
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { startCli, until } from './start-cli.test-helper.ts';

const fixture = (name: string): string =>
  fileURLToPath(new URL(`fixtures/${name}.ts`, import.meta.url));

interface RunJson {
  schema: string;
  verdict: 'pass' | 'fail' | 'inconclusive';
  seed: number;
  toxiproxy: { provider: string; version: string };
  scenarios: {
    name: string;
    verdict: string;
    findings: { check: string; verdict: string; message: string }[];
    report: string;
  }[];
}

describe('a whole run', () => {
  it('prints only JSON on standard output with --json, and its exit code is its verdict', async () => {
    await using run = startCli(['run', fixture('short-run'), '--json', '--seed', '7']);
    const { code, stdout, stderr } = await run.exit;
    const told = JSON.parse(stdout) as RunJson;
    expect(told).toMatchObject({
      schema: 'hanglab.run/1',
      seed: 7,
      toxiproxy: { provider: 'embedded' },
      scenarios: [{ name: 'short-run', verdict: told.verdict }],
    });
    // On a machine that others keep busy it may be inconclusive; wrong it may not be.
    expect(['pass', 'inconclusive']).toContain(told.verdict);
    expect(code).toBe(told.verdict === 'pass' ? 0 : 2);
    expect(stderr).toContain('short-run: warmup');
    expect(stderr).toContain('seed 7');
    expect(run.leftovers()).toEqual([]);
  });

  it('fails with exit code 1, and leaves a report that says how to run it again', async () => {
    await using run = startCli(['run', fixture('always-fails'), '--seed', '7']);
    const { code, stdout } = await run.exit;
    expect(stdout).toContain('a made-up failure <&> "quoted" (2 ms, limit 1 ms)');
    expect(code).toBe(1);
    const report = join(run.out, readlinkSync(join(run.out, 'latest')));
    expect(stdout).toContain(report);
    expect(readdirSync(report).toSorted()).toEqual(
      expect.arrayContaining([
        'history.ndjson',
        'repro.sh',
        'scenario.json',
        'summary.md',
        'target.log',
        'verdict.json',
      ]),
    );
    expect(readFileSync(join(report, 'repro.sh'), 'utf8')).toMatch(
      /npx hanglab run \S*always-fails\.ts --seed 7 /,
    );
    expect(run.leftovers()).toEqual([]);
  });

  it('keeps the hung target for the time that --hold gives, and its address is good', async () => {
    await using run = startCli(['run', fixture('always-fails'), '--hold', '2s']);
    await run.said('held for 2 s');
    const held = performance.now();
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(run.text())?.[0];
    expect((await fetch(`${url}/health`)).status).toBe(200);
    const { code } = await run.exit;
    expect(code).toBe(1);
    expect(performance.now() - held).toBeGreaterThan(1900);
    expect(run.leftovers()).toEqual([]);
  });

  it('says with its last log lines how the target died in mid-run, and fails', async () => {
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

  it('says why the target died at start, and does not blame it for that', async () => {
    await using run = startCli(['run', fixture('short-run')], {
      env: { TARGET_ATTEMPT_MS: 'soon' },
    });
    const { code, stderr } = await run.exit;
    expect(stderr).toContain('the target did not come up');
    expect(stderr).toMatch(/TARGET_ATTEMPT_MS: .*soon/);
    expect(stderr).toContain('(target-died-at-start)');
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(code).toBe(4);
    expect(run.leftovers()).toEqual([]);
  });
});

describe('hanglab target', () => {
  it('serves until Ctrl-C, then leaves nothing', async () => {
    await using target = startCli(['target']);
    await target.said('Ctrl-C ends both.');
    const url = /target {2}(http:\S+)/.exec(target.text())?.[1];
    expect((await fetch(`${url}/health`)).status).toBe(200);
    expect(target.noteListeners()).toBeGreaterThanOrEqual(2);
    target.send('SIGINT');
    expect((await target.exit).code).toBe(130);
    await until(
      () => target.leftovers().length === 0,
      3000,
      () => target.leftovers().join('\n'),
    );
  });

  it('says with its last lines that the server has died', async () => {
    await using target = startCli(['target']);
    await target.said('Ctrl-C ends both.');
    const server = target.processes().find(({ command }) => command.includes('target/main'));
    process.kill(server?.pid ?? 0, 'SIGKILL');
    const { code, stderr } = await target.exit;
    expect(stderr).toContain('the target ended by itself (SIGKILL); its last lines:');
    expect(stderr).toContain('"event":"listening"');
    expect(code).toBe(1);
    expect(target.leftovers()).toEqual([]);
  });
});

describe('started by an older Node', () => {
  const oldNode = ['/usr/bin/node', process.env.HANGLAB_OLD_NODE ?? ''].find(existsSync);

  it.skipIf(!oldNode)('starts again under the one of the project', async () => {
    await using run = startCli(['run', fixture('short-run'), '--json'], { node: oldNode ?? '' });
    await run.said('short-run: baseline');
    const nodes = run.processes().map(({ command }) => command);
    expect(nodes.some((command) => /node_modules\/.*node .*hanglab\.js run/.test(command))).toBe(
      true,
    );
    run.send('SIGTERM');
    expect((await run.exit).code).toBe(143);
    await until(
      () => run.leftovers().length === 0,
      3000,
      () => run.leftovers().join('\n'),
    );
  });
});
