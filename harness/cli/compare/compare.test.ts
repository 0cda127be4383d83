import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { isLong } from '../../testing/long.ts';
import { startCli } from '../start-cli.test-helper.ts';

const CONFIG = fileURLToPath(new URL('fixtures/hanglab.config.mts', import.meta.url));
/** Twelve runs at least, half of them of a server that hangs and is diagnosed. */
const WHOLE_MS = 400_000;

const compare = (...args: string[]) => startCli(['compare', '--config', CONFIG, ...args]);

// Six runs of each scenario; `decide.test.ts` has the decision itself.
test.runIf(isLong)(
  'one thing is fixed and one is broken: table, JSON, report and exit code say so',
  {
    timeout: WHOLE_MS,
  },
  async () => {
    await using cli = compare('--a', 'old', '--b', 'new', '--json', '--seed', '7');
    const { code, stdout, stderr } = await cli.exit;
    const json = JSON.parse(stdout);
    expect(json).toMatchObject({
      schema: 'hanglab.compare/1',
      target: 'two versions',
      a: 'old',
      b: 'new',
      outcome: 'broken',
      scenarios: [
        {
          name: 'silent-clients',
          outcome: 'broken',
          a: { verdict: 'pass', outage: null },
          b: { verdict: 'fail', outage: { ended: 'after the heal' } },
        },
        {
          name: 'clients-leave',
          outcome: 'fixed',
          a: { verdict: 'fail', outage: { ended: 'never' } },
          b: { verdict: 'pass' },
        },
      ],
    });
    const [broken, fixed] = json.scenarios;
    expect(broken.b.findings).toContainEqual(
      expect.objectContaining({ check: 'every-request-ends', verdict: 'fail' }),
    );
    expect(fixed.a.diagnosis).not.toBeNull();
    // Both runs of a pair have the same seed, and each run has its report.
    expect(broken.a.runs.length).toBe(broken.b.runs.length);
    expect(stderr).toMatch(/2 scenarios: about \d+ \w+.* when all runs agree, at most/);
    expect(stderr).toContain('b was out for as long as the fault lasted');
    expect(stderr).toContain('a was out from then on');
    expect(code).toBe(1);
    const reports = join(cli.folder, 'reports', 'compare');
    const [folder = ''] = readdirSync(reports);
    const markdown = readFileSync(join(reports, folder, 'compare.md'), 'utf8');
    expect(markdown).toMatch(/\| silent-clients \| pass \| fail \| broken \|/);
    expect(JSON.parse(readFileSync(join(reports, folder, 'compare.json'), 'utf8'))).toEqual(json);
    expect(cli.leftovers()).toEqual([]);
  },
);

describe('what does not decide', () => {
  test.runIf(isLong)(
    'one pair of runs is too few, and says so',
    { timeout: WHOLE_MS },
    async () => {
      await using cli = compare('silent-clients', '--b', 'new', '--pairs', '1', '--json');
      const { code, stdout } = await cli.exit;
      expect(JSON.parse(stdout)).toMatchObject({
        a: 'the config as it is',
        outcome: 'undecided',
        scenarios: [{ outcome: 'undecided', because: 'a failed in 0 and b in 1 of 1 runs' }],
      });
      expect(code).toBe(2);
    },
  );

  test('two commands without a config: what the old version offers is found out', {
    timeout: WHOLE_MS,
  }, async () => {
    const server = fileURLToPath(new URL('fixtures/server.mjs', import.meta.url));
    const command = (version: number) =>
      `env VERSION=${version} PLACES=1000 THREADS=4 node ${server}`;
    await using cli = startCli([
      ...['compare', 'clients-say-nothing', '--a', command(1), '--b', command(2)],
      ...['--request-limit', '500ms', '--pairs', '1', '--json'],
    ]);
    const { code, stdout } = await cli.exit;
    expect(JSON.parse(stdout)).toMatchObject({
      a: command(1),
      b: command(2),
      scenarios: [{ a: { verdict: 'pass' }, b: { verdict: 'fail' } }],
    });
    expect(code).toBe(2);
    expect(cli.leftovers()).toEqual([]);
  });

  test('--timeout ends it undecided', { timeout: 60_000 }, async () => {
    await using cli = compare('silent-clients', '--b', 'new', '--timeout', '2s', '--json');
    const { code, stdout } = await cli.exit;
    expect(JSON.parse(stdout).scenarios).toMatchObject([
      { outcome: 'undecided', because: 'the comparison ended before it was decided' },
    ]);
    expect(code).toBe(2);
  });

  test('Ctrl-C leaves nothing behind', { timeout: 60_000 }, async () => {
    await using cli = compare('--a', 'old', '--b', 'new');
    await cli.said('baseline');
    cli.send('SIGINT');
    expect((await cli.exit).code).toBe(130);
    await expect.poll(() => cli.leftovers(), { timeout: 10_000 }).toEqual([]);
  });
});

describe('bad usage', () => {
  test.each([
    [[], 'expected --a and --b, variants or commands'],
    [['--a', 'odl'], 'there is no such variant. Did you mean "old"?'],
    [['--a', 'zzz'], 'Expected one of old, new'],
    [['--a', 'old', '--b', 'old'], 'expected two versions'],
    [['--b', 'new', '--pairs', '0'], '--pairs 0: expected a whole number from 1 to 10'],
    [['--a', 'node old.js', '--b', 'nwe'], 'there is no such variant. Did you mean "new"?'],
    [['nothing-such', '--b', 'new'], 'there is no scenario "nothing-such"'],
  ])('%j', async (args, message) => {
    await using cli = compare(...args);
    const { code, stderr } = await cli.exit;
    expect(stderr).toContain(message);
    expect(code).toBe(3);
  });
});
