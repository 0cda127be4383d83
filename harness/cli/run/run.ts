/** `hanglab run [scenario...]`: runs scenarios and prints verdicts. */
import { Command } from 'commander';
import type { Diagnosis } from '../../diagnosis/diagnosis.ts';
import type { Environment } from '../../environment/environment.ts';
import type { MatrixRow } from '../../matrix/matrix-row.ts';
import { formatMs } from '../../platform/duration.ts';
import { EXIT, type ExitCode } from '../../platform/errors.ts';
import { random } from '../../platform/random.ts';
import { startReaper } from '../../reaper/reaper.ts';
import { excerptsOf } from '../../report/data/excerpt.ts';
import { diagnosisText } from '../../report/diagnosis-text.ts';
import type { Ran } from '../../report/run-json.ts';
import { loadCorpus } from '../../requests/inputs.ts';
import { skipReason } from '../../run/skip.ts';
import { chosenScenarios } from '../../scenario/selection.ts';
import { forScenario } from '../../target/config/build-target.ts';
import type { LoadedConfig } from '../../target/config/load-config.ts';
import { servingPid } from '../../target/serving-pid.ts';
import { writeSuiteReport } from '../report/run-pages.ts';
import type { CommandContext } from '../shared/context.ts';
import { lookOf, output } from '../shared/output.ts';
import { calibratedTarget } from './calibrated.ts';
import { addCiOptions } from './ci-options.ts';
import { publish } from './ci-outputs.ts';
import { conclude } from './conclude.ts';
import { estimateText } from './estimate-text.ts';
import { startDeadline } from './retries.ts';
import type { OneRun } from './run-one.ts';
import { parseRunOptions, type RawRunOptions, type RunSettingsParsed } from './run-options.ts';
import { runView } from './run-view.ts';
import { planOf, runSuite } from './suite.ts';

export function runCommand(context: CommandContext): Command {
  const command = new Command('run')
    .argument(
      '[scenario...]',
      'names (see `hanglab list`) or files; without any, those that the config includes',
    )
    .option('--config <file>', 'the config of your server (default: the nearest hanglab.config.ts)')
    .option('--variant <name>', 'another way to start it, by the name in the config')
    .option('--defect <name>', 'replace a component of the bundled server with a defective one')
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
    .option(
      '--hold [duration]',
      'keep the hung target alive for inspection, until Ctrl-C or for a duration',
    )
    .option(
      '--retain-promises',
      'keep what nothing holds any more in the target, so that a diagnosis of `orphaned` can name it',
    );
  return addCiOptions(command).action(async (names: string[], raw: RawRunOptions) => {
    context.exitWith(await run(await parseRunOptions(names, raw), context));
  });
}

/** Runs what `settings` say, tells people, programs and build servers, and returns the exit code. */
export async function run(settings: RunSettingsParsed, context: CommandContext): Promise<ExitCode> {
  const startedAt = new Date();
  const out = output({ json: settings.json });
  const plan = await planOf(settings.names, settings.loaded.target(settings.variant));
  // Bad documents are found now, not in the middle of the first run.
  loadCorpus(settings.documents, random(settings.seed));
  await using reaper = startReaper();
  using view = runView(out);
  using deadline = startDeadline(settings.ci.timeoutMs);
  const { loaded, variant } = settings;
  const which = variant ? `, ${loaded.isBundled ? 'defect' : 'variant'} ${variant}` : '';
  const total = chosenScenarios(loaded, true).length;
  const part = plan.length < total ? `; ${plan.length} of ${total} scenarios` : '';
  view.note(`seed ${settings.seed}${which}${part}`);
  const { target, startMs, unanswered } = await calibratedTarget(
    loaded.target(variant),
    settings,
    deadline,
    { reaper, view, context },
  );
  const willRun = plan.flatMap(({ name, scenario }) =>
    skipReason(scenario, forScenario(target, loaded.config, name)) ? [] : scenario,
  );
  view.note(estimateText(willRun, plan.length, target.limits, settings, startMs));
  const runs = await runSuite({
    ...{ plan, settings, target, variant, unanswered, context, reaper, view, deadline },
    whileHung: (environment, diagnosis, one) =>
      hold(environment, diagnosis, deadline.remainingMs(), one),
    // What has its verdict by now is told, whatever has become of the rest.
    onBroken: (finished) =>
      publish(finished, settings.ci, { folder: settings.out, startedAt }, out),
  });
  await writeSuiteReport(runs, settings, view.note);
  const { exitCode, ran } = conclude(runs, settings, startedAt, out);
  const failing = exitCode === EXIT.pass && variant === null ? failingExample(loaded, ran) : null;
  if (failing) out.line(`to see one fail: ${failing}`);
  return exitCode;
}

/** A command that shows a scenario of this run catching a defect; null where none is known. */
function failingExample({ exports }: LoadedConfig, ran: readonly Ran[]): string | null {
  const rows = (exports.matrix ?? []) as readonly MatrixRow[];
  const row = rows.find(({ scenario }) => ran.some(({ name }) => name === scenario));
  return row ? `npx hanglab run ${row.scenario} --defect ${row.defect}` : null;
}

async function hold(
  { target, declared }: Environment,
  diagnosis: Diagnosis | null,
  remainingMs: number,
  { settings, context, view }: OneRun,
): Promise<void> {
  if (settings.holdMs === null) return;
  const holdMs = Math.min(settings.holdMs, remainingMs);
  const forever = holdMs === Number.POSITIVE_INFINITY;
  const until = forever ? 'until Ctrl-C' : `for ${formatMs(holdMs)}`;
  const pid = servingPid(target.processes, target.port);
  const url = `http://${target.host}:${target.port}`;
  const health = `${url}${declared.health?.path ?? '/'}`;
  if (diagnosis) {
    const look = lookOf(output({ json: settings.json }));
    view.note(diagnosisText(diagnosis, look, excerptsOf(diagnosis)));
  }
  view.note(`held ${until}: process ${pid}, ${url}. Try:`);
  view.note(`  curl --max-time 5 ${health}`);
  view.note(`  npx hanglab diagnose --pid ${pid} --health ${health}`);
  await context.interrupts.orInterrupt(forever ? null : holdMs);
}
