/**
 * `hanglab try -- COMMAND...`: runs every scenario that applies against a server without a config, after finding
 * out what it offers.
 */
import { Command } from 'commander';
import { EXIT, type ExitCode, HanglabError } from '../../platform/errors.ts';
import { startReaper } from '../../reaper/reaper.ts';
import { estimateMs } from '../../run/estimate.ts';
import { skipReason } from '../../run/skip.ts';
import { loadedConfig } from '../../target/config/load-config.ts';
import { addCiOptions } from '../run/ci-options.ts';
import { publish } from '../run/ci-outputs.ts';
import { conclude } from '../run/conclude.ts';
import { estimateText } from '../run/estimate-text.ts';
import { startDeadline } from '../run/retries.ts';
import { parseRunOptions, type RawRunOptions, type RunSettingsParsed } from '../run/run-options.ts';
import { runView } from '../run/run-view.ts';
import { type Planned, planOf, runSuite } from '../run/suite.ts';
import type { CommandContext } from '../shared/context.ts';
import { output } from '../shared/output.ts';
import { type FoundOut, findOut } from './find-out.ts';
import { foundSource, unwritableConfig, writeConfigFile } from './found-config.ts';
import { foundRows, missingNeeds } from './found-table.ts';
import { foundText } from './found-text.ts';
import { CONFIG_NAME, keepFound, sourceParts } from './keep-found.ts';
import { offerConfig } from './offer-config.ts';
import {
  addServerOptions,
  parseServerOptions,
  type RawServerOptions,
  type ServerSettings,
} from './server-options.ts';
import { withLinks } from './with-links.ts';

interface RawTryOptions extends RawServerOptions, RawRunOptions {
  scenario?: string[];
  write?: string | true;
}

export function tryCommand(context: CommandContext): Command {
  const command = addServerOptions(new Command('try'))
    .usage('[options] -- COMMAND...')
    .option(
      '--scenario <name>',
      'only this one (repeatable; default: every one that applies)',
      (text: string, before: string[] = []) => [...before, text],
    )
    .option('--write [file]', `write what was found as a config (default: ${CONFIG_NAME})`)
    .option('--toxiproxy <provider>', 'embedded, binary, docker, or the URL of a running one')
    .option('--seed <n>', 'replay the plan of an earlier run')
    .option('--scale <n>', 'multiply phases and loads')
    .option('--jobs <n>', 'how many scenarios that mostly wait run at a time')
    .option('--out <dir>', 'where reports go', 'reports')
    .option('--json', 'print hanglab.run/1 on standard output, all else on standard error');
  return addCiOptions(command).action(async (words: string[], raw: RawTryOptions) => {
    const folder = process.cwd();
    const problems: string[] = [];
    const given = parseServerOptions(words, raw, folder, (problem) => problems.push(problem));
    const write = raw.write === true ? CONFIG_NAME : (raw.write ?? null);
    const unwritable = write === null ? null : unwritableConfig(write);
    if (unwritable) problems.push(unwritable);
    const known = loadedConfig(given.base, folder);
    const settings = await parseRunOptions(raw.scenario ?? [], raw, problems, known);
    const server = await withLinks(given);
    context.exitWith(await tryServer(server, settings, { write, folder }, context));
  });
}

async function tryServer(
  server: ServerSettings,
  settings: RunSettingsParsed,
  { write, folder }: { write: string | null; folder: string },
  context: CommandContext,
): Promise<ExitCode> {
  const startedAt = new Date();
  const out = output({ json: settings.json });
  await using reaper = startReaper();
  using view = runView(out);
  using deadline = startDeadline(settings.ci.timeoutMs);
  const signal = AbortSignal.any([context.interrupts.signal, deadline.signal]);
  const found = await findOut(server, settings, folder, { reaper, view, signal }).catch(
    (error: unknown): never => {
      if (!deadline.signal.aborted) throw error;
      const { message } = deadline.signal.reason as Error;
      throw new HanglabError('timed-out', message, { exitCode: EXIT.inconclusive });
    },
  );
  const { target, config, unanswered, calibration } = found;
  const plan = await planOf(settings.names, target);
  const scenarios = plan.map(({ scenario }) => scenario);
  const rows = foundRows(found, server, scenarios);
  view.note(foundText(rows, found.unused, missingNeeds(found, scenarios), out));
  for (const sentence of found.derived) view.note(sentence);
  const file = keepFound(found, server, folder);
  const willRun = plan.flatMap(({ scenario }) => (skipReason(scenario, target) ? [] : scenario));
  view.note(`seed ${settings.seed}`);
  view.note(estimateText(willRun, plan.length, target.limits, settings, calibration.startMs));
  // Its reproductions need a file: the one that was just written.
  const loaded = { ...loadedConfig(config, folder), file };
  const runs = await runSuite({
    plan: quickestFirst(plan, found, settings),
    ...{ target, variant: null, unanswered, context, reaper, view, deadline },
    settings: { ...settings, loaded },
    onBroken: (finished) =>
      publish(finished, settings.ci, { folder: settings.out, startedAt }, out),
  });
  const { exitCode } = conclude(runs, { ...settings, loaded }, startedAt, out);
  const source = (to: string): string => foundSource(sourceParts(found), server, to, folder);
  if (write !== null) {
    writeConfigFile(write, source(write));
    out.line(`written: ${write}`);
  } else await offerConfig(CONFIG_NAME, source, out, context);
  return exitCode;
}

/** A person sees the first verdict as soon as can be. */
function quickestFirst(
  plan: readonly Planned[],
  { target: { limits }, calibration: { startMs } }: FoundOut,
  { scale }: RunSettingsParsed,
): Planned[] {
  const msOf = ({ scenario }: Planned): number =>
    estimateMs([scenario], { limits, scale, startMs, jobs: 1, repeat: 1 });
  return plan.toSorted((a, b) => msOf(a) - msOf(b));
}
