/** `hanglab profile SCENARIO`: a run with the target under NodeClinic, whose page lies beside its report. */
import { Command } from 'commander';
import { displayPath } from '../platform/display-path.ts';
import { didYouMean, EXIT, type ExitCode } from '../platform/errors.ts';
import { random } from '../platform/random.ts';
import { clinicLauncher } from '../profiler/launcher.ts';
import { drawPage } from '../profiler/page.ts';
import { TOOL_SHOWS, TOOLS, type Tool } from '../profiler/tools.ts';
import { startReaper } from '../reaper/reaper.ts';
import { pointLatestTo } from '../report/folder.ts';
import { loadCorpus } from '../requests/inputs.ts';
import { loadScenario } from '../scenario/catalogue.ts';
import { totalLine } from './run/result-text.ts';
import { runOne } from './run/run-one.ts';
import { parseRunOptions, type RawRunOptions, type RunSettingsParsed } from './run/run-options.ts';
import { runView } from './run/run-view.ts';
import type { CommandContext } from './shared/context.ts';
import { output } from './shared/output.ts';

interface RawProfileOptions extends RawRunOptions {
  with: string;
}

export function profileCommand(context: CommandContext): Command {
  return new Command('profile')
    .argument('<scenario>', 'a name (see `hanglab list`) or a file')
    .option('--with <tool>', TOOLS.join(', '), 'doctor')
    .option('--config <file>', 'the config of your server (default: the nearest hanglab.config.ts)')
    .option('--variant <name>', 'another way to start it, by the name in the config')
    .option('--defect <name>', 'replace a component of the bundled server with a defective one')
    .option('--toxiproxy <provider>', 'embedded, binary, docker, or a URL')
    .option('--seed <n>', 'replay the plan of an earlier run')
    .option('--scale <n>', 'multiply phases and loads: a longer run, and more to see')
    .option('--documents <dir>', 'upload the Markdown and text files of this folder')
    .option('--out <dir>', 'where reports go', 'reports')
    .addHelpText('after', ABOUT)
    .action(async (name: string, raw: RawProfileOptions) => {
      const settings = await parseRunOptions([name], raw, toolProblems(raw.with));
      context.exitWith(await profile(raw.with as Tool, settings, context));
    });
}

function toolProblems(given: string): string[] {
  if ((TOOLS as readonly string[]).includes(given)) return [];
  return [`--with ${given}: expected ${TOOLS.join(', ')}.${didYouMean(given, TOOLS)}`];
}

async function profile(
  tool: Tool,
  settings: RunSettingsParsed,
  context: CommandContext,
): Promise<ExitCode> {
  const { signal } = context.interrupts;
  const [given = ''] = settings.names;
  const { name, scenario } = await loadScenario(given);
  loadCorpus(settings.documents, random(settings.seed));
  const out = output({ json: false });
  await using reaper = startReaper();
  using view = runView(out);
  const profiler = clinicLauncher({
    ...{ tool, signal, folder: reaper.temporaryFolder('profile') },
    onEnding: () => view.activity(`clinic ${tool}: the target ends, and what it saw is sorted`),
  });
  view.note(`seed ${settings.seed}; the target runs under clinic ${tool}, which slows it`);
  const { variant } = settings;
  const label = variant ? `${name} + ${variant}` : name;
  const result = await runOne({
    target: settings.loaded.target(variant),
    ...{ given, name, scenario, variant, label, settings, context, reaper, view, profiler },
  });
  const { reportFolder, verdict } = result;
  pointLatestTo(settings.out, reportFolder);
  using _drawing = view.activity(`clinic ${tool}: the page is drawn`);
  const collected = profiler.collected();
  const page = await drawPage({ tool, collected, reportFolder, reaper, signal });
  view.note(`profile    ${displayPath(page)}`);
  if (profiler.started > 1) view.note(`  of the last of ${profiler.started} processes`);
  if (collected?.flaw) view.note(`  of what there is: ${collected.flaw}`);
  view.note(totalLine(out, verdict, [result]));
  return EXIT[verdict];
}

const WIDTH = Math.max(...TOOLS.map((tool) => tool.length));

const ABOUT = `
${TOOLS.map((tool) => `  ${tool.padEnd(WIDTH)}  ${TOOL_SHOWS[tool]}`).join('\n')}

The verdict is judged and told as by \`hanglab run\`, and is the exit code, with one exception: a profiler
slows the target, so passing a limit convicts only from three times the limit on; below that the run is
inconclusive. Without the page that was asked for the exit code is 4, whatever the verdict.`;
