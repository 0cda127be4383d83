/** What a person reads when a scenario has been run: what was tried, what was measured, and what to do next. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding, Verdict } from '../../checks/check.ts';
import { guidanceFor } from '../../checks/guidance.ts';
import { marginRatio } from '../../checks/judging/judge.ts';
import { displayPath } from '../../platform/display-path.ts';
import { formatMs } from '../../platform/duration.ts';
import { plainText } from '../../platform/plain-text.ts';
import { plural } from '../../platform/plural.ts';
import { isSkipped, type Ran, type RunEntry } from '../../report/run-json.ts';
import { quantity } from '../../report/summary.ts';
import { sourceLines } from '../report/source-lines.ts';
import { type Output, paintVerdict } from '../shared/output.ts';
import { wrapped } from '../shared/wrap.ts';

export const NAME_WIDTH = 44;
const MARK = { pass: '✔', fail: '✖', inconclusive: '?', 'not-reached': '·' } as const;
/** Below what a column of keys takes: `usually helps  `. */
const INDENT = ' '.repeat(19);
/** Of a scenario that passed, the figures that came nearest to their limits. */
const SHOWN_FIGURES = 3;

export function resultText(label: string, entry: Ran, out: Output): string {
  const { verdict, durationMs, diagnosisMs = 0 } = entry;
  const took = formatMs(durationMs);
  const time = diagnosisMs > 0 ? `${took}, and ${formatMs(diagnosisMs)} of diagnosis` : took;
  const name = `${paintVerdict(out, verdict, MARK[verdict])} ${label.padEnd(NAME_WIDTH)}`;
  const head = `${name} ${paintVerdict(out, verdict, verdict)}  ${time}`;
  const lines = verdict === 'pass' ? passLines(entry, out) : findingLines(entry, out);
  return [head, ...lines, ...reportLine(entry, out)].join('\n');
}

/** What was done to the server, and how far from its limits it stayed. */
function passLines({ findings }: Ran, out: Output): string[] {
  const fault = findings.find(({ check }) => check === 'fault-fired')?.message;
  const nearest = findings
    .filter(({ measured, limit, check }) => measured && limit?.value && check !== 'harness-trusted')
    .toSorted((a, b) => marginRatio(b) - marginRatio(a))
    .slice(0, SHOWN_FIGURES)
    .map(({ check, measured, limit }) => `${check} ${quantity(measured)} of ${quantity(limit)}`);
  return [
    ...(fault ? [line('fault', plainText(fault), out)] : []),
    ...(nearest.length > 0 ? [line('nearest', nearest.join(' · '), out)] : []),
  ];
}

function findingLines({ findings, diagnosis, limits }: Ran, out: Output): string[] {
  const told = findings.filter(({ verdict }) => verdict === 'fail' || verdict === 'inconclusive');
  const failed = told.filter(({ verdict, known }) => verdict === 'fail' && known === undefined);
  const [first] = failed;
  const guidance = first && limits ? guidanceFor(first.check, limits, diagnosis?.code) : null;
  const helps = diagnosis?.helps ?? guidance?.helps;
  return [
    ...told.map((finding) => findingText(finding, out)),
    ...(guidance?.limitFrom && first?.limit
      ? [line('limit', `${quantity(first.limit)} is ${guidance.limitFrom}`, out)]
      : []),
    ...(diagnosis ? [line('diagnosis', plainText(diagnosis.sentence), out)] : []),
    ...(diagnosis ? sourceLines(diagnosis, out, INDENT.length) : []),
    ...(helps && failed.length > 0 ? [line('usually helps', helps, out)] : []),
  ];
}

function findingText(finding: Finding, out: Output): string {
  const { check, verdict, measured, limit, message, known } = finding;
  const numbers =
    measured && limit ? ` (${quantity(measured)}, limit ${quantity(limit) || 'none'})` : '';
  const name = paintVerdict(out, verdict, `${MARK[verdict]} ${check}`);
  const because = known === undefined ? '' : out.paint('gray', ` (known: ${known})`);
  const text = `    ${name}  ${plainText(message)}${out.paint('gray', numbers)}${because}`;
  return wrapped(text, out.stream, '      ');
}

function line(key: string, text: string, out: Output): string {
  return wrapped(
    `    ${out.paint('bold', key.padEnd(INDENT.length - 4))}${text}`,
    out.stream,
    INDENT,
  );
}

function reportLine({ reportFolder }: Ran, out: Output): string[] {
  if (reportFolder === null) return [];
  const page = join(reportFolder, 'report.html');
  return [line('report', displayPath(existsSync(page) ? page : reportFolder), out)];
}

/** What was skipped, once for each reason; null when nothing was. */
export function skippedText(
  entries: readonly { name: string; skipped: string }[],
  out: Output,
): string | null {
  if (entries.length === 0) return null;
  const groups = [...Map.groupBy(entries, ({ skipped }) => skipped)];
  return [
    `${paintVerdict(out, 'skipped', '-')} ${paintVerdict(out, 'skipped')}: ${plural(entries.length, 'scenario')}`,
    ...groups
      .toSorted(([, a], [, b]) => b.length - a.length)
      .map(([reason, same]) =>
        wrapped(
          `    ${plainText(reason)}: ${same.map(({ name }) => name).join(', ')}`,
          out.stream,
          '      ',
        ),
      ),
  ].join('\n');
}

export function totalLine(out: Output, verdict: Verdict, entries: readonly RunEntry[]): string {
  const ran = entries.filter((entry): entry is Ran => !isSkipped(entry));
  const count = (wanted: Verdict): number => ran.filter((entry) => entry.verdict === wanted).length;
  const parts = (['pass', 'fail', 'inconclusive'] as const)
    .filter((kind) => count(kind) > 0)
    .map((kind) => `${count(kind)} ${kind}`);
  const skipped = entries.length - ran.length;
  if (skipped > 0) parts.push(`${skipped} skipped`);
  const known = ran
    .flatMap(({ findings }) => findings)
    .filter((finding) => finding.known !== undefined).length;
  if (known > 0) parts.push(plural(known, 'known failure'));
  const totalMs = ran.reduce((sum, entry) => sum + entry.durationMs + (entry.diagnosisMs ?? 0), 0);
  return `${paintVerdict(out, verdict, verdict)}: ${parts.join(', ')}, ${formatMs(totalMs)} of runs`;
}
