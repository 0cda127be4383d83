/** `hanglab matrix`: every defect against its scenario, and the healthy target against all of them. */
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import Table from 'cli-table3';
import { Command } from 'commander';
import {
  type JudgedRow,
  judgeRow,
  MARGIN_TIMES,
  matrixJson,
  matrixVerdict,
  type RowResult,
} from '../matrix/matrix.ts';
import type { MatrixRow } from '../matrix/matrix-row.ts';
import { formatMs } from '../platform/duration.ts';
import { EXIT, type ExitCode } from '../platform/errors.ts';
import { runJobs } from '../platform/jobs.ts';
import { startReaper } from '../reaper/reaper.ts';
import { matrixPage } from '../report/data/matrix-page.ts';
import { matrixMarkdown } from '../report/matrix-markdown.ts';
import { writePage } from '../report/write-pages.ts';
import type { RunResult } from '../run/run.ts';
import { skipReason } from '../run/skip.ts';
import { forUpstreams, loadScenario, scenarioNames } from '../scenario/catalogue.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { forScenario } from '../target/config/build-target.ts';
import { loadConfig } from '../target/config/load-config.ts';
import { runOne } from './run/run-one.ts';
import { parseRunOptions, type RawRunOptions, usageError } from './run/run-options.ts';
import { runView } from './run/run-view.ts';
import type { CommandContext } from './shared/context.ts';
import { type Output, output, paintVerdict } from './shared/output.ts';

/** The last samples may take a little of a measured time back. */
const SLACK = 1.1;
/** One more and the runs keep each other from the cores. */
const DEFAULT_JOBS = Math.max(1, Math.min(4, availableParallelism()));

export function matrixCommand(context: CommandContext): Command {
  return new Command('matrix')
    .argument('[name...]', 'only rows of these defects or scenarios')
    .option('--config <file>', 'the config whose `matrix` is meant (default: the nearest one)')
    .option('--seed <n>', 'replay the plan of an earlier matrix')
    .option('--toxiproxy <provider>', 'embedded, binary, docker, or a URL')
    .option('--out <dir>', 'where reports go', 'reports')
    .option('--json', 'print hanglab.matrix/1 on standard output, all else on standard error')
    .option('--jobs <n>', 'how many scenarios that mostly wait run at a time', String(DEFAULT_JOBS))
    .option('--shard <i/n>', 'only the i-th of n parts of the scenarios, with their rows')
    .option('--repeat <n>', 'run every row so many times; all must agree')
    .option(
      '--retry-inconclusive <n>',
      'run what was inconclusive again, alone, up to so many times',
      '2',
    )
    .action(async (names: string[], raw: RawMatrixOptions) => {
      context.exitWith(await matrix(names, raw, context));
    });
}

/** `2/3`: the second of three parts. */
function parseShard(given: string | undefined): { part: number; of: number } {
  if (given === undefined) return { part: 1, of: 1 };
  const [, part = 0, of = 0] = (/^(\d+)\/(\d+)$/.exec(given) ?? []).map(Number);
  if (part >= 1 && part <= of) return { part, of };
  throw usageError([`--shard ${given}: expected i/n, like 1/3 for the first of three parts`]);
}

interface RawMatrixOptions extends RawRunOptions {
  shard?: string;
}

interface Planned {
  scenario: Scenario;
  name: string;
  /** null: the healthy target. */
  row: MatrixRow | null;
}

async function matrix(
  names: string[],
  raw: RawMatrixOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { exports, target, config } = await loadConfig(raw.config ?? null);
  const all = (exports.matrix ?? []) as readonly MatrixRow[];
  const wanted = (name: string): boolean => names.length === 0 || names.includes(name);
  const chosen = all.filter(({ defect, scenario }) => wanted(defect) || wanted(scenario));
  const shard = parseShard(raw.shard);
  const healthyTarget = target(null);
  const named =
    names.length === 0
      ? await forUpstreams(scenarioNames(), healthyTarget.upstreams)
      : [...new Set(chosen.map((r) => r.scenario))];
  const unknown = names.filter(
    (name) => !all.some((r) => r.defect === name || r.scenario === name),
  );
  const settings = await parseRunOptions(unknown, raw);
  const out = output({ json: settings.json });
  const loaded = new Map(
    await Promise.all(
      named.map(async (name) => [name, (await loadScenario(name)).scenario] as const),
    ),
  );
  // By scenario: a row is judged beside the healthy run of its own.
  const scenarios = named
    .filter(
      (name) => skipReason(loaded.get(name)!, forScenario(healthyTarget, config, name)) === null,
    )
    .filter((_, i) => i % shard.of === shard.part - 1);
  const rows = chosen.filter(({ scenario }) => scenarios.includes(scenario));
  await using reaper = startReaper();
  using view = runView(out);
  view.note(
    `seed ${settings.seed}; ${rows.length} rows, ${scenarios.length} scenarios on the healthy target`,
  );

  const planned: Planned[] = [
    ...scenarios.map((name) => ({ name, scenario: loaded.get(name)!, row: null })),
    ...rows.map((row) => ({ name: row.scenario, scenario: loaded.get(row.scenario)!, row })),
  ];
  const repeated = Array.from({ length: settings.repeat }, () => planned).flat();
  const run = ({ name, scenario, row }: Planned): Promise<RunResult> =>
    runOne({
      ...{ given: name, name, scenario, settings, context, reaper, view },
      target: settings.loaded.target(row?.defect ?? null),
      variant: row?.defect ?? null,
      label: row ? `${name} + ${row.defect}` : name,
      ...(row ? { until: { check: row.expected, marginRatio: MARGIN_TIMES * SLACK } } : {}),
    });
  const results = await runJobs(
    repeated.map((one) => ({ cost: one.scenario.cost, run: () => run(one) })),
    settings.jobs,
  );
  await runAgainAlone(repeated, results, settings.ci.retries, run);
  const healthy = results.filter((_, i) => repeated[i]!.row === null);
  const judged = results.flatMap((result, i) => {
    const { row } = repeated[i]!;
    if (!row) return [];
    return judgeRow(row, result, worstHealthy(healthy, row.scenario));
  });
  await writePage(
    join(settings.out, 'matrix.html'),
    matrixPage({ ...matrixJson(judged, healthy), rows: judged }),
  );
  return conclude(judged, healthy, settings.out, settings.json, out);
}

/** What was inconclusive beside others may be clear when nothing runs beside it. */
async function runAgainAlone(
  planned: readonly Planned[],
  results: RunResult[],
  retries: number,
  run: (one: Planned) => Promise<RunResult>,
): Promise<void> {
  for (let attempt = 0; attempt < retries; attempt++) {
    for (const [i, one] of planned.entries()) {
      if (results[i]!.verdict === 'inconclusive') results[i] = await run(one);
    }
  }
}

/** Of several healthy runs of a scenario, one that failed, else the last. */
function worstHealthy(healthy: readonly RunResult[], scenario: string): RunResult | null {
  const own = healthy.filter(({ name }) => name === scenario);
  return own.find(({ verdict }) => verdict === 'fail') ?? own.at(-1) ?? null;
}

function conclude(
  judged: readonly JudgedRow[],
  healthy: readonly RunResult[],
  folder: string,
  json: boolean,
  out: Output,
): ExitCode {
  const verdict = matrixVerdict(judged, healthy);
  const markdown = join(folder, 'matrix.md');
  writeFileSync(markdown, matrixMarkdown(judged, healthy));
  writeFileSync(
    join(folder, 'matrix.json'),
    `${JSON.stringify(matrixJson(judged, healthy), null, 2)}\n`,
  );
  out.line(table(judged, out));
  const passed = healthy.filter((result) => result.verdict === 'pass').length;
  const named = judged.filter(({ isNamed }) => isNamed);
  const toName = judged.filter(({ isNamed }) => isNamed !== null);
  out.line(
    `diagnosis: ${named.length} of ${toName.length} hangs named as expected, with their place`,
  );
  out.line(`healthy target: ${passed} of ${healthy.length} scenarios pass`);
  out.line(`${paintVerdict(out, verdict)}  ${markdown} ${join(folder, 'matrix.html')}`);
  if (json) out.result(JSON.stringify(matrixJson(judged, healthy), null, 2));
  return EXIT[verdict];
}

const RESULT_VERDICT = {
  caught: 'pass',
  missed: 'fail',
  'false-alarm': 'fail',
  inconclusive: 'inconclusive',
} as const satisfies Record<RowResult, string>;

function table(judged: readonly JudgedRow[], out: Output): string {
  const rows = new Table({
    head: ['defect', 'scenario', 'expected', 'result', 'margin', 'verdict after', 'diagnosis'],
    style: { head: [], border: [] },
  });
  for (const row of judged) {
    rows.push([
      row.defect,
      row.scenario,
      row.expected,
      paintVerdict(out, RESULT_VERDICT[row.result], row.result),
      row.marginTimes >= 100 ? '> 100' : row.marginTimes.toFixed(1),
      formatMs(row.timeToVerdictMs),
      diagnosisCell(row, out),
    ]);
  }
  return rows.toString();
}

/** What the hang was called; in another colour where the row expects another name. */
function diagnosisCell({ diagnosis, isNamed }: JudgedRow, out: Output): string {
  const code = diagnosis?.code ?? '';
  return isNamed === false ? paintVerdict(out, 'fail', code === '' ? 'none' : `${code} ?`) : code;
}
