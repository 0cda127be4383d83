/** `hanglab run [scenario...]`: runs scenarios and prints verdicts. */
import { Command } from 'commander';
import { loadScenario, scenarioNames } from '../catalogue.ts';
import type { Diagnosis } from '../diagnosis/types.ts';
import { formatMs } from '../duration.ts';
import type { Environment } from '../environment.ts';
import { EXIT, type ExitCode } from '../errors.ts';
import { runJobs } from '../jobs.ts';
import { loadCorpus } from '../load/documents.ts';
import { random } from '../random.ts';
import { startReaper } from '../reaper.ts';
import { diagnosisText } from '../report/diagnosis-text.ts';
import { pointLatestTo } from '../report/folder.ts';
import { isSkipped, runJson, verdictOf } from '../report/run-json.ts';
import type { RunResult } from '../run.ts';
import type { CommandContext } from './main.ts';
import { output } from './output.ts';
import { runOne } from './run-one.ts';
import { parseRunOptions, type RawRunOptions, type RunSettingsParsed } from './run-options.ts';
import { type RunView, runView, totalLine } from './run-view.ts';

export function runCommand(context: CommandContext): Command {
  return new Command('run')
    .description('run scenarios against the target and print verdicts')
    .argument('[scenario...]', 'names (see `hanglab list`) or files; a short suite without any')
    .option(
      '--defect <name>',
      'replace a healthy part of the target by a wrong one, to see it caught',
    )
    .option(
      '--toxiproxy <provider>',
      'embedded, binary, docker, or the URL of a running one (default: $TOXIPROXY_URL, else embedded)',
    )
    .option('--all', 'every scenario there is')
    .option('--seed <n>', 'replay the plan of an earlier run')
    .option('--scale <n>', 'multiply phases and loads')
    .option('--documents <dir>', 'upload the Markdown and text files of this folder')
    .option('--out <dir>', 'where reports go', 'reports')
    .option('--json', 'print hanglab.run/1 on standard output, all else on standard error')
    .option('--jobs <n>', 'how many scenarios that mostly wait run at a time')
    .option('--repeat <n>', 'run each scenario so many times')
    .option('--hold [duration]', 'keep the hung target for a look, until Ctrl-C or for a duration')
    .action(async (names: string[], raw: RawRunOptions) => {
      context.exitWith(await run(parseRunOptions(names, raw), context));
    });
}

async function run(settings: RunSettingsParsed, context: CommandContext): Promise<ExitCode> {
  const out = output({ json: settings.json });
  const plan = await Promise.all(
    settings.names.map(async (given) => ({ given, ...(await loadScenario(given)) })),
  );
  // Bad documents are found now, not in the middle of the first run.
  loadCorpus(settings.documents, random(settings.seed));
  await using reaper = startReaper();
  using view = runView(out);
  const defect = settings.defect ? `, defect ${settings.defect}` : '';
  const total = scenarioNames().length;
  const part = plan.length < total ? `; ${plan.length} of ${total} scenarios` : '';
  view.note(`seed ${settings.seed}${defect}${part}`);
  const jobs = plan.flatMap(({ given, name, scenario }) =>
    Array.from({ length: settings.repeat }, (_, i) => ({
      cost: scenario.cost,
      run: () =>
        runOne({
          ...{ given, name, scenario, settings, context, reaper, view },
          defect: settings.defect,
          label: settings.repeat > 1 ? `${name} ${i + 1}/${settings.repeat}` : name,
          whileHung: (environment, diagnosis) =>
            hold(environment, diagnosis, settings, context, view),
        }),
    })),
  );
  const entries = await runJobs(jobs, settings.jobs);
  const verdict = verdictOf(entries);
  const ran = entries.filter((entry): entry is RunResult => !isSkipped(entry));
  const last = ran.at(-1);
  if (last) pointLatestTo(settings.out, last.reportFolder);
  out.line(totalLine(out, verdict, entries));
  if (settings.json) {
    out.result(JSON.stringify(runJson(entries, settings.seed, last?.toxiproxy ?? null), null, 2));
  }
  if (ran.length === 0) return EXIT.cannotRunHere;
  return EXIT[verdict];
}

async function hold(
  { target }: Environment,
  diagnosis: Diagnosis | null,
  settings: RunSettingsParsed,
  context: CommandContext,
  view: RunView,
): Promise<void> {
  if (settings.holdMs === null) return;
  const forever = settings.holdMs === Number.POSITIVE_INFINITY;
  const until = forever ? 'until Ctrl-C' : `for ${formatMs(settings.holdMs)}`;
  if (diagnosis) view.note(diagnosisText(diagnosis));
  view.note(`held ${until}: process ${target.pid}, http://${target.host}:${target.port}`);
  await context.interrupts.orInterrupt(forever ? null : settings.holdMs);
}
