/** Calibrates a target before its first scenario, and says what came of it. */
import { formatMs } from '../../platform/duration.ts';
import { EXIT, HanglabError } from '../../platform/errors.ts';
import type { Reaper } from '../../reaper/reaper.ts';
import { makeReportFolder } from '../../report/folder.ts';
import { calibrate } from '../../run/calibrate.ts';
import { applyCalibration, type Calibration, unanswered } from '../../run/calibration.ts';
import { declaredLimits } from '../../target/config/build-target.ts';
import type { Target } from '../../target/target.ts';
import type { CommandContext } from '../shared/context.ts';
import type { Deadline } from './retries.ts';
import type { RunSettingsParsed } from './run-options.ts';
import type { RunView } from './run-view.ts';

export interface Calibrated {
  target: Target;
  /** What it took from its start until it accepted requests; null where nothing was measured. */
  startMs: number | null;
  unanswered: readonly string[];
  calibration: Calibration | null;
}

/**
 * @param declared as its config describes it.
 * @throws HanglabError `not-as-declared` when the declaration and the server disagree.
 */
export async function calibratedTarget(
  declared: Target,
  settings: RunSettingsParsed,
  deadline: Deadline,
  { reaper, view, context }: { reaper: Reaper; view: RunView; context: CommandContext },
): Promise<Calibrated> {
  const { seed, scale, toxiproxy, documents, loaded } = settings;
  const asItIs = { target: declared, startMs: null, unanswered: [], calibration: null };
  const isWanted = loaded.config.calibrate ?? Object.keys(declared.operations).length > 0;
  if (!isWanted) return asItIs;
  using _shown = view.activity('calibration: the server with nothing wrong');
  const signal = AbortSignal.any([context.interrupts.signal, deadline.signal]);
  const reportFolder = makeReportFolder(settings.out, 'calibration', new Date());
  let calibration: Calibration;
  try {
    calibration = await calibrate({
      ...{ target: declared, seed, scale, toxiproxy, reaper, signal, reportFolder },
      documentsFolder: documents,
      answerMs: declared.limits.requestMs,
      lacksLimit: declaredLimits(loaded.config).requestMs === undefined,
    });
  } catch (error) {
    // The scenarios say themselves that there was no time for them.
    if (deadline.signal.aborted) return asItIs;
    throw error;
  }
  const told = declaredLimits(loaded.config);
  const { target, derived, problems } = applyCalibration(declared, told, calibration);
  if (problems.length > 0) {
    throw new HanglabError('not-as-declared', 'the server is not as it is declared:', {
      exitCode: EXIT.usage,
      problems: [...problems, 'see what each operation answers: `hanglab config check`'],
    });
  }
  for (const sentence of derived) view.note(sentence);
  const silent = unanswered(calibration);
  if (silent.length > 0) {
    const limit = formatMs(declared.limits.requestMs);
    view.note(`never answered within ${limit}, with nothing wrong: ${silent.join(', ')}`);
  }
  return { target, startMs: calibration.startMs, unanswered: silent, calibration };
}
