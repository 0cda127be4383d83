/** `hanglab repro NAME`: the story of a reported hang, told by real runs on one screen. */
import Table from 'cli-table3';
import { Command } from 'commander';
import { type Story, type ToldStep, tell } from '../matrix/story.ts';
import { didYouMean, EXIT, type ExitCode } from '../platform/errors.ts';
import { runJobs } from '../platform/jobs.ts';
import { startReaper } from '../reaper/reaper.ts';
import { storyMarkdown } from '../report/story-markdown.ts';
import { loadScenario } from '../scenario/catalogue.ts';
import { loadConfig } from '../target/config/load-config.ts';
import { runOne } from './run/run-one.ts';
import { parseRunOptions, type RawRunOptions, usageError } from './run/run-options.ts';
import { runView } from './run/run-view.ts';
import type { CommandContext } from './shared/context.ts';
import { type Output, output } from './shared/output.ts';

const TELLING_WIDTH = 64;
const TITLE_WIDTH = 34;

interface RawReproOptions extends RawRunOptions {
  markdown?: boolean;
}

export function reproCommand(context: CommandContext): Command {
  return new Command('repro')
    .argument('<name>', 'the name of the report')
    .option('--config <file>', 'the config whose `stories` are meant (default: the nearest one)')
    .option('--seed <n>', 'replay the plan of an earlier run')
    .option('--out <dir>', 'where reports go', 'reports')
    .option('--markdown', 'print it as Markdown on standard output, to be pasted into the issue')
    .option('--jobs <n>', 'how many runs that mostly wait go on at a time', '2')
    .action(async (name: string, raw: RawReproOptions) => {
      const { exports } = await loadConfig(raw.config ?? null);
      const stories = (exports.stories ?? []) as readonly Story[];
      const story = stories.find((known) => known.name === name);
      if (!story) {
        const names = stories.map((each) => each.name);
        const hint = didYouMean(name, names);
        throw usageError([`there is no story "${name}".${hint} Known: ${names.join(', ')}`]);
      }
      context.exitWith(await repro(story, raw, context));
    });
}

async function repro(
  story: Story,
  raw: RawReproOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const settings = await parseRunOptions([], raw);
  const asMarkdown = raw.markdown ?? false;
  const out = output({ json: asMarkdown });
  await using reaper = startReaper();
  using view = runView(out);
  view.note(`${story.headline}\nseed ${settings.seed}`);
  const steps = await Promise.all(
    story.steps.map(async (step) => ({ step, ...(await loadScenario(step.scenario)) })),
  );
  const told = await runJobs(
    steps.map(({ step, name, scenario }) => ({
      cost: scenario.cost,
      run: async () =>
        tell(
          step,
          await runOne({
            ...{ given: name, name, scenario, settings, context, reaper, view },
            target: settings.loaded.target(step.defect),
            variant: step.defect,
            label: step.defect ? `${name} + ${step.defect}` : name,
          }),
        ),
    })),
    settings.jobs,
  );
  if (asMarkdown) out.result(storyMarkdown(story, told));
  else out.line(storyText(story, told, out));
  if (told.every(({ asTold }) => asTold)) return EXIT.pass;
  const undecided = told.filter(({ asTold }) => !asTold);
  const inconclusive = undecided.every(({ result }) => result.verdict === 'inconclusive');
  return inconclusive ? EXIT.inconclusive : EXIT.fail;
}

function storyText(story: Story, told: readonly ToldStep[], out: Output): string {
  const table = new Table({
    head: ['', 'tried', 'what it did'],
    colWidths: [14, TITLE_WIDTH + 2, TELLING_WIDTH + 2],
    wordWrap: true,
    style: { head: [], border: [] },
  });
  for (const { step, asTold, sentence } of told) {
    const mark = asTold ? '' : `${out.paint('red', 'not as told')}: `;
    const how = step.defect
      ? `${step.scenario} + ${step.defect}`
      : `${step.scenario}, healthy target`;
    table.push([step.chapter, `${step.title}\n(${how})`, `${mark}${sentence}`]);
  }
  return [
    table.toString(),
    '',
    out.paint('bold', "What the report's own account got wrong, or could not know"),
    ...story.corrections.map((correction) => `  · ${correction}`),
  ].join('\n');
}
