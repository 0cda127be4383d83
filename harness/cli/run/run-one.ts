/** One run with its report folder and its line in the view: what `run`, `matrix` and `repro` have in common. */

import type { Diagnosis } from '../../diagnosis/diagnosis.ts';
import { RETAIN_PROMISES } from '../../diagnosis/wording/retain-promises.ts';
import type { Environment } from '../../environment/environment.ts';
import { displayPath } from '../../platform/display-path.ts';
import { messageOf } from '../../platform/errors.ts';
import type { ClinicLauncher } from '../../profiler/launcher.ts';
import { applyTolerance, CONCLUSIVE_FROM_RATIO } from '../../profiler/tolerance.ts';
import type { Reaper } from '../../reaper/reaper.ts';
import { markKnown } from '../../report/ci/known-failures.ts';
import { makeReportFolder } from '../../report/folder.ts';
import type { RunSettings } from '../../report/repro.ts';
import { writeAborted, writeStart, writeVerdict } from '../../report/write.ts';
import type { LiveJudgingOptions } from '../../run/live-judging.ts';
import { type RunResult, runScenario } from '../../run/run.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { forScenario } from '../../target/config/build-target.ts';
import type { Target } from '../../target/target.ts';
import { writeRunReport } from '../report/run-pages.ts';
import type { CommandContext } from '../shared/context.ts';
import type { RunSettingsParsed } from './run-options.ts';
import type { RunView } from './run-view.ts';

export interface OneRun {
  /** Its name, or the path of its file, as it was given. */
  given: string;
  name: string;
  scenario: Scenario;
  target: Target;
  /** The variant of the target that runs. */
  variant: string | null;
  /** Its line in the view. */
  label: string;
  settings: RunSettingsParsed;
  context: CommandContext;
  reaper: Reaper;
  view: RunView;
  /** Ends the run; without it, an interruption does. */
  signal?: AbortSignal;
  until?: LiveJudgingOptions['until'];
  /** The whole course is wanted, also of a run whose hang is certain. */
  neverCut?: boolean;
  /** The target runs under clinic. */
  profiler?: ClinicLauncher;
  whileHung?(environment: Environment, diagnosis: Diagnosis | null): Promise<void>;
}

export async function runOne(one: OneRun): Promise<RunResult> {
  const { name, scenario, variant, label, settings, context, reaper, view, profiler } = one;
  const { seed, scale, toxiproxy, documents, loaded } = settings;
  const target = forScenario(one.target, loaded.config, name);
  const overrides = loaded.config.scenarios?.settings?.[name];
  const reportFolder = makeReportFolder(settings.out, name, new Date());
  const about = aboutRun(one);
  writeStart(reportFolder, about, scenario.why);
  try {
    const found = await runScenario({
      ...{ name, scenario, target, variant, seed, scale, toxiproxy, reportFolder, reaper },
      ...(overrides ? { overrides } : {}),
      documentsFolder: documents,
      ...(settings.retainPromises ? { nodeOptions: [RETAIN_PROMISES] } : {}),
      signal: one.signal ?? context.interrupts.signal,
      onPhase: (phase, durationMs) => view.phase(label, phase, durationMs),
      onFindings: (findings, requests) => view.findings(label, findings, requests),
      onDiagnose: () => view.activity(`${label}: diagnosing the target`),
      ...(one.until ? { until: one.until } : {}),
      ...(one.neverCut ? { neverCut: true } : {}),
      ...(profiler ? { launcher: profiler, conclusiveFromRatio: CONCLUSIVE_FROM_RATIO } : {}),
      ...(one.whileHung ? { whileHung: one.whileHung } : {}),
    });
    const judged = profiler ? applyTolerance(found, profiler.tool) : found;
    const result = markKnown(judged, settings.ci.known);
    writeVerdict(result, about, scenario.why);
    await writeRunReport(reportFolder, settings.ci.otlp, view.note);
    view.done(label, result);
    return result;
  } catch (error) {
    writeAborted(reportFolder, messageOf(error));
    await writeRunReport(reportFolder, settings.ci.otlp, view.note);
    view.note(`${label}: no verdict; what was recorded is in ${displayPath(reportFolder)}`);
    throw error;
  }
}

/** What runs it again, for its report. */
export function aboutRun(one: OneRun): RunSettings {
  const { seed, scale, toxiproxy, documents, retainPromises, loaded } = one.settings;
  return {
    ...{ scenario: one.given, defect: one.variant, seed, scale, documents },
    toxiproxy: toxiproxy.url ?? toxiproxy.provider,
    ...(loaded.isBundled || loaded.file === null ? {} : { config: loaded.file }),
    ...(retainPromises ? { retainPromises } : {}),
    ...(one.profiler ? { profiler: one.profiler.tool } : {}),
  };
}
