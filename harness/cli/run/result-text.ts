/** What a person reads when a scenario has been run: what was tried, what was measured, and what to do next. */
import type { Finding, Verdict } from '../../checks/check.ts';
import { guidanceFor } from '../../checks/guidance.ts';
import { marginRatio } from '../../checks/judging/judge.ts';
import { displayPath } from '../../platform/display-path.ts';
import { formatMs } from '../../platform/duration.ts';
import { plainText } from '../../platform/plain-text.ts';
import { plural } from '../../platform/plural.ts';
import { isSkipped, type Ran, type RunEntry } from '../../report/run-json.ts';
import { quantity } from '../../report/summary.ts';
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
  return reportFolder === null ? [] : [line('report', displayPath(reportFolder), out)];
}

export function skippedText(label: string, reason: string, out: Output): string {
  const name = `${paintVerdict(out, 'skipped', '-')} ${label.padEnd(NAME_WIDTH)}`;
  return wrapped(`${name} ${paintVerdict(out, 'skipped')}  ${reason}`, out.stream, '  ');
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
