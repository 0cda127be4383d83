/** After the last run: the output for people, programs and build servers, and the exit code. */
import { EXIT, type ExitCode } from '../../platform/errors.ts';
import { plainText } from '../../platform/plain-text.ts';
import { plural } from '../../platform/plural.ts';
import type { ReportedRun } from '../../report/reported-run.ts';
import { isSkipped, type Ran, runJson, verdictOf } from '../../report/run-json.ts';
import { type SharedCause, sharedCauses } from '../../report/same-cause.ts';
import type { Output } from '../shared/output.ts';
import { wrapped } from '../shared/wrap.ts';
import { publish } from './ci-outputs.ts';
import { totalLine } from './result-text.ts';
import type { RunSettingsParsed } from './run-options.ts';

export interface Concluded {
  exitCode: ExitCode;
  ran: readonly Ran[];
}

export function conclude(
  runs: readonly ReportedRun[],
  settings: RunSettingsParsed,
  startedAt: Date,
  out: Output,
): Concluded {
  const entries = runs.map(({ entry }) => entry);
  const verdict = verdictOf(entries);
  const ran = entries.filter((entry): entry is Ran => !isSkipped(entry));
  publish(runs, settings.ci, { folder: settings.out, startedAt }, out);
  if (settings.repeat > 1) out.line(agreementText(ran));
  for (const cause of sharedCauses(entries)) out.line(wrapped(causeText(cause), out.stream, '  '));
  if (ran.length > 0) out.line(totalLine(out, verdict, entries));
  else out.line(`nothing was run: ${plural(entries.length, 'scenario')} skipped`);
  if (settings.json) {
    const { toxiproxy = null } = ran.findLast(({ reportFolder }) => reportFolder !== null) ?? {};
    out.result(JSON.stringify(runJson(entries, settings.seed, toxiproxy), null, 2));
  }
  return { ran, exitCode: ran.length === 0 ? EXIT.cannotRunHere : EXIT[verdict] };
}

/** One cause, and everything that fails by it. */
export function causeText({ code, place, sentence, helps, scenarios }: SharedCause): string {
  const where = place === null ? '' : `, at ${plainText(place)}`;
  return [
    `${scenarios.length} scenarios fail for the same reason${where} (${code}):`,
    plainText(sentence),
    ...(helps === null ? [] : [`usually helps: ${helps}`]),
    `they are ${scenarios.join(', ')}`,
  ].join('\n');
}

/** Whether the repetitions of each scenario came out the same. */
function agreementText(entries: readonly Ran[]): string {
  const verdicts = Map.groupBy(entries, ({ name }) => name);
  const lines = [...verdicts].map(([name, runs]) => {
    const counts = [...Map.groupBy(runs, ({ verdict }) => verdict)].map(
      ([verdict, same]) => `${same.length} ${verdict}`,
    );
    return counts.length === 1
      ? `${name} agrees: ${counts[0]}`
      : `${name} disagrees: ${counts.join(', ')}`;
  });
  return lines.join('\n');
}
