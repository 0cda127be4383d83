/** `hanglab compare --a OLD --b NEW [scenario...]`: what a new version of a server has fixed, and what it broke. */
import { Command } from 'commander';
import { overall } from '../../compare/compared.ts';
import { comparisonJson } from '../../compare/comparison-json.ts';
import { EXIT, type ExitCode } from '../../platform/errors.ts';
import { random } from '../../platform/random.ts';
import { startReaper } from '../../reaper/reaper.ts';
import { loadCorpus } from '../../requests/inputs.ts';
import { startDeadline } from '../run/retries.ts';
import { runView } from '../run/run-view.ts';
import { planOf } from '../run/suite.ts';
import type { CommandContext } from '../shared/context.ts';
import { output } from '../shared/output.ts';
import { addDescribingOptions } from '../try/server-options.ts';
import {
  type CompareOptions,
  parseCompareOptions,
  type RawCompareOptions,
} from './compare-options.ts';
import { compareTargets } from './compare-targets.ts';
import { comparisonText } from './comparison-text.ts';
import { writeComparison } from './write-comparison.ts';

export function compareCommand(context: CommandContext): Command {
  const command = new Command('compare')
    .argument('[scenario...]', 'names or files; those that the config chooses without any')
    .option(
      '--a <variant|command>',
      'the old version: a variant of the config, or what starts it (default: the config as it is)',
    )
    .option('--b <variant|command>', 'the new version')
    .option('--config <file>', 'the config of your server (default: the nearest hanglab.config.ts)')
    .option('--pairs <n>', 'run a scenario at most so many times on each side', '10')
    .option('--toxiproxy <provider>', 'embedded, binary, docker, or the URL of a running one')
    .option('--seed <n>', 'replay the plan of an earlier comparison')
    .option('--scale <n>', 'multiply phases and loads')
    .option('--documents <dir>', 'upload the Markdown and text files of this folder')
    .option('--out <dir>', 'where reports go', 'reports')
    .option('--timeout <duration>', 'what is not decided by then is undecided')
    .option('--json', 'print hanglab.compare/1 on standard output, all else on standard error');
  return addDescribingOptions(command)
    .addHelpText('after', EXIT_CODES)
    .action(async (names: string[], raw: RawCompareOptions) => {
      context.exitWith(await compare(await parseCompareOptions(names, raw), context));
    });
}

/** Compares what `options` say, tells people and programs, and returns the exit code. */
export async function compare(
  { run: given, source, mostPairs }: CompareOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const out = output({ json: given.json });
  // Bad documents are found now, not in the middle of the first run.
  loadCorpus(given.documents, random(given.seed));
  await using reaper = startReaper();
  using view = runView(out);
  using deadline = startDeadline(given.ci.timeoutMs);
  const signal = AbortSignal.any([context.interrupts.signal, deadline.signal]);
  const { sides, loaded } = await source.sides(given, { reaper, view, signal });
  const settings = { run: { ...given, loaded }, sides, mostPairs };
  const plan = await planOf(given.names, sides.a.target);
  view.note(`seed ${given.seed}; a (old) is ${sides.a.name}, b (new) is ${sides.b.name}`);
  const comparison = await compareTargets({ settings, plan, context, reaper, view, deadline });
  const file = writeComparison(given.out, comparison);
  out.line(comparisonText(comparison, file, out));
  if (given.json) out.result(JSON.stringify(comparisonJson(comparison), null, 2));
  if (comparison.scenarios.length === 0) return EXIT.cannotRunHere;
  return EXIT_OF[overall(comparison.scenarios)];
}

const EXIT_OF = {
  'same or better': EXIT.pass,
  broken: EXIT.fail,
  undecided: EXIT.inconclusive,
} as const;

const EXIT_CODES = `
Exit codes: 0 same or better · 1 something is broken · 2 undecided · 3 usage or configuration
            4 not supported on this machine, or everything skipped`;
