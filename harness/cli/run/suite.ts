/**
 * Runs a list of scenarios against one target: what `run`, `try` and whatever else runs several of them have in
 * common. A scenario that the target cannot serve is skipped, with the reason.
 */
import type { Diagnosis } from '../../diagnosis/diagnosis.ts';
import type { Environment } from '../../environment/environment.ts';
import { type Job, runJobs } from '../../platform/jobs.ts';
import type { Reaper } from '../../reaper/reaper.ts';
import { pointLatestTo } from '../../report/folder.ts';
import type { ReportedRun } from '../../report/reported-run.ts';
import { reproCommand } from '../../report/repro.ts';
import { isSkipped, type Ran, type RunEntry } from '../../report/run-json.ts';
import { skipReason } from '../../run/skip.ts';
import { forUpstreams, loadScenario, scenarioFile } from '../../scenario/catalogue.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { forScenario } from '../../target/config/build-target.ts';
import type { Target } from '../../target/target.ts';
import type { CommandContext } from '../shared/context.ts';
import { type Deadline, runUntilClear } from './retries.ts';
import { aboutRun, type OneRun } from './run-one.ts';
import type { RunSettingsParsed } from './run-options.ts';
import type { RunView } from './run-view.ts';

export interface Planned {
  /** Its name, or the path of its file, as it was given. */
  given: string;
  name: string;
  scenario: Scenario;
}

export interface SuiteOptions {
  plan: readonly Planned[];
  settings: RunSettingsParsed;
  /** As calibration has left it. */
  target: Target;
  variant: string | null;
  /** Operations that were never answered in calibration: the first scenario shows why, the rest are skipped. */
  unanswered: readonly string[];
  context: CommandContext;
  reaper: Reaper;
  view: RunView;
  deadline: Deadline;
  /** The hung target of a run is still alive. */
  whileHung?(environment: Environment, diagnosis: Diagnosis | null, one: OneRun): Promise<void>;
  /** Called with what has its verdict by then, when a run throws. */
  onBroken?(finished: readonly ReportedRun[]): void;
}

/**
 * Those that were given; what is for each upstream once for each of these.
 * @throws HanglabError `bad-scenario`.
 */
export async function planOf(
  given: readonly string[],
  { upstreams }: Pick<Target, 'upstreams'>,
): Promise<Planned[]> {
  const names = await forUpstreams(given, upstreams);
  return Promise.all(names.map(async (each) => ({ given: each, ...(await loadScenario(each)) })));
}

/** Every entry in the order of the plan; `<out>/latest` points to the last of them. */
export async function runSuite(options: SuiteOptions): Promise<ReportedRun[]> {
  const { plan, settings, unanswered } = options;
  const finished: ReportedRun[] = [];
  const hang = { shown: null as string | null };
  const jobs = plan.flatMap((planned) =>
    Array.from({ length: settings.repeat }, (_, i): Job<ReportedRun> => {
      const one = oneRun(options, planned, i);
      return {
        cost: planned.scenario.cost,
        run: async () => {
          const entry = await entryOf(one, options, hang.shown);
          if (unanswered.length > 0 && !isSkipped(entry) && isHungBefore(entry)) {
            hang.shown ??= `${unanswered.join(', ')} is never answered, with nothing wrong: see ${entry.name}`;
          }
          const run = { entry, file: scenarioFile(one.given), repro: reproCommand(aboutRun(one)) };
          finished.push(run);
          return run;
        },
      };
    }),
  );
  const runs = await runJobs(jobs, settings.jobs).catch((error: unknown) => {
    if (finished.length > 0) options.onBroken?.(finished);
    throw error;
  });
  const last = runs.findLast(({ entry }) => reportFolderOf(entry) !== null);
  const folder = last && reportFolderOf(last.entry);
  if (folder) pointLatestTo(settings.out, folder);
  return runs;
}

function oneRun(options: SuiteOptions, planned: Planned, repetition: number): OneRun {
  const { settings, target, variant, context, reaper, view, whileHung } = options;
  const { name } = planned;
  const one: OneRun = {
    ...{ ...planned, settings, target, variant, context, reaper, view },
    label: settings.repeat > 1 ? `${name} ${repetition + 1}/${settings.repeat}` : name,
    ...(whileHung
      ? { whileHung: (environment, diagnosis) => whileHung(environment, diagnosis, one) }
      : {}),
  };
  return one;
}

async function entryOf(
  one: OneRun,
  { target, settings, deadline }: SuiteOptions,
  hang: string | null,
): Promise<RunEntry> {
  const { name, scenario, label, view } = one;
  const own = forScenario(target, settings.loaded.config, name);
  const skipped = skipReason(scenario, own) ?? hang;
  if (skipped === null) return runUntilClear(one, settings.ci.retries, deadline);
  const entry = { name, skipped };
  view.done(label, entry);
  return entry;
}

function isHungBefore({ findings }: Ran): boolean {
  return findings.some(
    ({ verdict, phase }) => verdict === 'fail' && (phase === 'warmup' || phase === 'baseline'),
  );
}

function reportFolderOf(entry: RunEntry): string | null {
  return isSkipped(entry) ? null : entry.reportFolder;
}
