/** After the last run: JUnit, GitHub's annotations and summary, known failures that pass, old reports. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { EXIT, HanglabError, messageOf } from '../../platform/errors.ts';
import { addToBaseline, differencesFrom } from '../../report/baseline/baseline-file.ts';
import { annotations, jobSummary, passesNow } from '../../report/ci/github.ts';
import { junitXml } from '../../report/ci/junit.ts';
import { passingNow } from '../../report/ci/known-failures.ts';
import { pruneReports } from '../../report/prune.ts';
import type { ReportedRun } from '../../report/reported-run.ts';
import { isSkipped, verdictOf } from '../../report/run-json.ts';
import type { Output } from '../shared/output.ts';
import type { CiSettings } from './ci-options.ts';

/** @throws HanglabError `junit-not-written`; what else cannot be done is said, and breaks nothing. */
export function publish(
  runs: readonly ReportedRun[],
  { junit, known, keep, baseline, saveBaseline }: CiSettings,
  reports: { folder: string; startedAt: Date },
  out: Output,
): void {
  const ran = runs.flatMap(({ entry }) => (isSkipped(entry) ? [] : [entry]));
  const passing = passingNow(ran, known);
  for (const entry of passing) out.line(passesNow(entry));
  for (const text of differencesFrom(baseline, ran)) out.line(`baseline: ${text}`);
  if (saveBaseline !== null) {
    attempt(out, `the baseline ${saveBaseline} cannot be written`, () =>
      addToBaseline(saveBaseline, ran),
    );
  }
  if (junit !== null) writeJunit(junit, junitXml(runs, reports.startedAt));
  if (process.env.GITHUB_ACTIONS === 'true')
    for (const line of annotations(runs, passing)) out.line(line);
  const summary = process.env.GITHUB_STEP_SUMMARY;
  const verdict = verdictOf(runs.map(({ entry }) => entry));
  if (summary)
    attempt(out, `the job summary ${summary} cannot be written`, () =>
      appendFileSync(summary, jobSummary(verdict, runs, passing)),
    );
  if (keep !== null) {
    // What this invocation has just told about must be there to be looked at.
    const told = ran.flatMap(({ verdict, reportFolder }) =>
      verdict === 'pass' || reportFolder === null ? [] : [reportFolder],
    );
    attempt(out, 'old reports cannot be removed', () => pruneReports(reports.folder, keep, told));
  }
}

function writeJunit(file: string, xml: string): void {
  try {
    writeFileSync(file, xml);
  } catch (error) {
    throw new HanglabError('junit-not-written', `--junit ${file}: ${messageOf(error)}`, {
      exitCode: EXIT.cannotRunHere,
    });
  }
}

function attempt(out: Output, trouble: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    out.line(`${trouble}: ${messageOf(error)}`);
  }
}
