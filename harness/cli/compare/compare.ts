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
import {
  type CompareSettings,
  parseCompareOptions,
  type RawCompareOptions,
} from './compare-options.ts';
import { compareTargets } from './compare-targets.ts';
import { comparisonText } from './comparison-text.ts';
import { writeComparison } from './write-comparison.ts';

export function compareCommand(context: CommandContext): Command {
  return new Command('compare')
    .argument('[scenario...]', 'names or files; those that the config chooses without any')
    .option(
      '--a <variant>',
      'the old version: a variant of the config (default: as it is without one)',
    )
    .option('--b <variant>', 'the new version')
    .option('--config <file>', 'the config of your server (default: the nearest hanglab.config.ts)')
    .option('--pairs <n>', 'run a scenario at most so many times on each side', '10')
    .option('--toxiproxy <provider>', 'embedded, binary, docker, or the URL of a running one')
    .option('--seed <n>', 'replay the plan of an earlier comparison')
    .option('--scale <n>', 'multiply phases and loads')
    .option('--documents <dir>', 'upload the Markdown and text files of this folder')
    .option('--out <dir>', 'where reports go', 'reports')
    .option('--timeout <duration>', 'what is not decided by then is undecided')
    .option('--json', 'print hanglab.compare/1 on standard output, all else on standard error')
    .addHelpText('after', EXIT_CODES)
    .action(async (names: string[], raw: RawCompareOptions) => {
      context.exitWith(await compare(await parseCompareOptions(names, raw), context));
    });
}

/** Compares what `settings` say, tells people and programs, and returns the exit code. */
export async function compare(
  settings: CompareSettings,
  context: CommandContext,
): Promise<ExitCode> {
  const { run, sides } = settings;
  const out = output({ json: run.json });
  const plan = await planOf(run.names);
  // Bad documents are found now, not in the middle of the first run.
  loadCorpus(run.documents, random(run.seed));
  await using reaper = startReaper();
  using view = runView(out);
  using deadline = startDeadline(run.ci.timeoutMs);
  view.note(`seed ${run.seed}; a (old) is ${sides.a.name}, b (new) is ${sides.b.name}`);
  const comparison = await compareTargets({ settings, plan, context, reaper, view, deadline });
  const file = writeComparison(run.out, comparison);
  out.line(comparisonText(comparison, file, out));
  if (run.json) out.result(JSON.stringify(comparisonJson(comparison), null, 2));
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
