/** Runs of a small server that is not the bundled one, through the command line. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { judge } from '../checks/judging/judge.ts';
import { startCli } from '../cli/start-cli.test-helper.ts';
import { readHistory } from '../history/history.ts';
import { loadScenario } from '../scenario/catalogue.ts';

vi.setConfig({ testTimeout: 90_000 });
const FIXTURES = join(import.meta.dirname, 'fixtures');
const SCENARIO = join(FIXTURES, 'reads-only.mts');
const CONFIG = join(FIXTURES, 'hanglab.config.mts');

interface RunJson {
  verdict: string;
  scenarios: {
    name: string;
    verdict: string;
    skipped?: string;
    report: string;
    findings: { check: string; verdict: string; phase: string | null; message: string }[];
    diagnosis: { code: string; where: { file: string; line: number }[] } | null;
  }[];
}

async function run(...args: string[]) {
  await using cli = startCli(['run', '--config', CONFIG, '--json', ...args]);
  const { code, stdout, stderr } = await cli.exit;
  expect(cli.leftovers()).toEqual([]);
  expect(stdout, stderr).not.toBe('');
  const { verdict, scenarios } = JSON.parse(stdout) as RunJson;
  const [first] = scenarios;
  const history = first?.report
    ? readHistory(join(cli.folder, first.report, 'history.ndjson'))
    : null;
  return { code, stderr, verdict, scenario: first!, history: await history };
}

test('a server of anybody is started, asked and judged; its history can be judged again', async () => {
  const { code, verdict, scenario, history } = await run(SCENARIO);
  expect(['pass', 'inconclusive'], JSON.stringify(scenario.findings)).toContain(verdict);
  expect(code).toBe(verdict === 'pass' ? 0 : 2);
  const { events } = history!;
  expect(events[0]).toMatchObject({ t: 0, kind: 'run', target: 'hello' });
  expect(events.every(({ t }, i) => i === 0 || t >= events[i - 1]!.t)).toBe(true);
  const again = judge((await loadScenario(SCENARIO)).scenario, history!);
  expect(again.map(({ check, verdict: v }) => `${check} ${v}`)).toEqual(
    scenario.findings.map(({ check, verdict: v }) => `${check} ${v}`),
  );
});

describe('before any fault', () => {
  test('a server that exits fails, with its last line', async () => {
    const { code, scenario, stderr } = await run(SCENARIO, '--variant', 'exits');
    expect(code).toBe(1);
    expect(stderr).toContain('out of luck ');
    // Its last line as it printed it would have cleared the terminal and turned the text around.
    expect(stderr).not.toMatch(/[\u001b\u0007\u202e]/);
    const failed = scenario.findings.find(({ verdict }) => verdict === 'fail');
    expect(failed?.check).toBe('health');
    // It exits by a clock: on a busy machine before the warmup is over.
    expect(['warmup', 'baseline']).toContain(failed?.phase);
    expect(failed?.message).toMatch(/exited unexpectedly \(exit code 7\)[\s\S]*out of luck/);
  });

  test('a server that blocks its event loop fails, and its line is named', async () => {
    const { code, scenario } = await run(SCENARIO, '--variant', 'blocks');
    expect(code).toBe(1);
    expect(scenario.diagnosis?.code).toBe('event-loop-blocked');
    const [place] = scenario.diagnosis?.where ?? [];
    const lines = readFileSync(join(FIXTURES, 'server.mjs'), 'utf8').split('\n');
    expect(lines[(place?.line ?? 0) - 1]).toContain('blocks here');
  });
});

test('a scenario that the server cannot serve is skipped, with the reason', async () => {
  const { code, scenario } = await run('upload-burst');
  expect(scenario.skipped).toMatch(/^the target does not offer an operation that writes/);
  expect(code).toBe(4);
});

test('two runs of one scenario at once do not share anything', async () => {
  await using cli = startCli([
    'run',
    '--config',
    CONFIG,
    '--json',
    '--repeat',
    '2',
    '--jobs',
    '2',
    SCENARIO,
  ]);
  const { stdout } = await cli.exit;
  const { scenarios } = JSON.parse(stdout) as RunJson;
  expect(scenarios).toHaveLength(2);
  for (const { verdict } of scenarios) expect(['pass', 'inconclusive']).toContain(verdict);
});
