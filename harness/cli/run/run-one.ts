/** One run with its report folder and its line in the view: what `run`, `matrix` and `repro` have in common. */

import type { Diagnosis } from '../../diagnosis/diagnosis.ts';
import { RETAIN_PROMISES } from '../../diagnosis/wording/retain-promises.ts';
import { messageOf } from '../../platform/errors.ts';
import { CERTAIN_FROM_TIMES, doubted } from '../../profiler/doubt.ts';
import type { ClinicLauncher } from '../../profiler/launcher.ts';
import type { Reaper } from '../../reaper/reaper.ts';
import { makeReportFolder } from '../../report/folder.ts';
import { markKnown } from '../../report/known-failures.ts';
import type { RunSettings } from '../../report/repro.ts';
import { writeAborted, writeStart, writeVerdict } from '../../report/write.ts';
import type { Environment } from '../../run/environment.ts';
import type { CourseOptions } from '../../run/phases.ts';
import { type RunResult, runScenario } from '../../run/run.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import type { CommandContext } from '../shared/context.ts';
import type { RunSettingsParsed } from './run-options.ts';
import type { RunView } from './run-view.ts';

export interface OneRun {
  /** Its name, or the path of its file, as it was given. */
  given: string;
  name: string;
  scenario: Scenario;
  defect: string | null;
  /** Its line in the view. */
  label: string;
  settings: RunSettingsParsed;
  context: CommandContext;
  reaper: Reaper;
  view: RunView;
  /** Ends the run; without it, an interruption does. */
  signal?: AbortSignal;
  until?: CourseOptions['until'];
  /** The target runs under clinic. */
  profiler?: ClinicLauncher;
  whileHung?(environment: Environment, diagnosis: Diagnosis | null): Promise<void>;
}

export async function runOne(one: OneRun): Promise<RunResult> {
  const { name, scenario, defect, label, settings, context, reaper, view, profiler } = one;
  const { seed, scale, toxiproxy, documents } = settings;
  const reportFolder = makeReportFolder(settings.out, name, new Date());
  const about = aboutRun(one);
  writeStart(reportFolder, about, scenario.why);
  try {
    const found = await runScenario({
      ...{ name, scenario, defect, seed, scale, toxiproxy, reportFolder, reaper },
      documentsFolder: documents,
      ...(settings.retainPromises ? { nodeOptions: [RETAIN_PROMISES] } : {}),
      signal: one.signal ?? context.interrupts.signal,
      onPhase: (phase, durationMs) => view.phase(label, phase, durationMs),
      onFindings: (findings, history) => view.findings(label, findings, history),
      onLook: () => view.activity(`${label}: looking into the target`),
      ...(one.until ? { until: one.until } : {}),
      ...(profiler ? { launcher: profiler, certainFromTimes: CERTAIN_FROM_TIMES } : {}),
      ...(one.whileHung ? { whileHung: one.whileHung } : {}),
    });
    const judged = profiler ? doubted(found, profiler.tool) : found;
    const result = markKnown(judged, settings.ci.known);
    writeVerdict(result, about, scenario.why);
    view.done(label, result);
    return result;
  } catch (error) {
    writeAborted(reportFolder, messageOf(error));
    throw error;
  }
}

/** What runs it again, for its report. */
export function aboutRun(one: OneRun): RunSettings {
  const { seed, scale, toxiproxy, documents, retainPromises } = one.settings;
  return {
    ...{ scenario: one.given, defect: one.defect, seed, scale, documents },
    toxiproxy: toxiproxy.url ?? toxiproxy.provider,
    ...(retainPromises ? { retainPromises } : {}),
    ...(one.profiler ? { profiler: one.profiler.tool } : {}),
  };
}
