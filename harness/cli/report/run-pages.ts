/** The pages that `run` leaves behind. One that cannot be written is mentioned, and costs no run its verdict. */
import { differencesFrom } from '../../report/baseline/baseline-file.ts';
import type { SuitePart } from '../../report/data/suite-page.ts';
import { pagesInThread } from '../../report/pages-in-thread.ts';
import type { ReportedRun } from '../../report/reported-run.ts';
import { isSkipped } from '../../report/run-json.ts';
import type { CiSettings } from '../run/ci-options.ts';

/**
 * Writes `report.html` and `trace.json` into the folder of a run, and sends its spans where they are wanted.
 * @param note says what could not be done.
 */
export async function writeRunReport(
  folder: string,
  otlp: string | null,
  note: (text: string) => void,
): Promise<void> {
  const trouble = await pagesInThread({ kind: 'run', folder });
  if (trouble !== null) note(`the page of this run cannot be written: ${trouble}`);
  if (otlp === null) return;
  const unsent = await pagesInThread({ kind: 'otlp', folder, endpoint: otlp });
  if (unsent !== null) note(`--otlp: ${unsent}`);
}

/** Writes the page of all runs of this invocation into `out`, with what differs from the baseline. */
export async function writeSuiteReport(
  runs: readonly ReportedRun[],
  { out, ci }: { out: string; ci: Pick<CiSettings, 'baseline'> },
  note: (text: string) => void,
): Promise<void> {
  const ran = runs.flatMap(({ entry }) => (isSkipped(entry) ? [] : [entry]));
  const notes = differencesFrom(ci.baseline, ran);
  const trouble = await pagesInThread({ kind: 'suite', out, parts: runs.map(partOf), notes });
  if (trouble !== null) note(`the page of all runs cannot be written: ${trouble}`);
}

function partOf({ entry }: ReportedRun): SuitePart {
  if (isSkipped(entry)) return entry;
  if (entry.reportFolder !== null) return { folder: entry.reportFolder };
  return { name: entry.name, failed: entry.findings[0]?.message ?? 'it did not begin' };
}
