/** What GitHub Actions shows: annotations on standard output or error, and a job summary. */
import { relative, resolve } from 'node:path';
import type { Finding } from '../../checks/check.ts';
import { formatMs } from '../../platform/duration.ts';
import { cell, codeSpan } from '../markdown.ts';
import { type ReportedRun, sentenceOf, titleOf } from '../reported-run.ts';
import { isSkipped, type Ran } from '../run-json.ts';
import { quantity } from '../summary.ts';
import type { KnownFailure } from './known-failures.ts';

/**
 * The workflow commands, a line each: an error for a run that failed, a warning for one that was
 * inconclusive, a notice for known failures. One a run, not one a finding: GitHub shows ten of a kind.
 */
export function annotations(
  runs: readonly ReportedRun[],
  passing: readonly KnownFailure[] = [],
): string[] {
  const ofRuns = runs.flatMap((run, i) => {
    if (isSkipped(run.entry)) return [];
    const { findings } = run.entry;
    const failed = findings.filter(({ verdict, known }) => verdict === 'fail' && !known);
    const unsure = findings.filter(({ verdict }) => verdict === 'inconclusive');
    const known = findings.filter((finding) => finding.known);
    const about = (level: Level, told: Finding[]): string[] =>
      told.length === 0 ? [] : [annotate(level, run, titleOf(runs, i), told)];
    return [
      ...about('error', failed),
      ...(failed.length === 0 ? about('warning', unsure) : []),
      ...about('notice', known),
    ];
  });
  const ofPassing = passing.map((entry) =>
    command('warning', { title: 'known failure passes now' }, passesNow(entry)),
  );
  return [...ofRuns, ...ofPassing];
}

type Level = 'error' | 'warning' | 'notice';

function annotate(level: Level, run: ReportedRun, name: string, told: Finding[]): string {
  const entry = run.entry as Ran;
  const sentence = level === 'error' ? sentenceOf(entry) : null;
  const message = [
    ...told.map((finding) => `${finding.check}: ${finding.message}${becauseOf(finding)}`),
    ...(sentence ? [`diagnosis: ${sentence}`] : []),
    `run it again: ${run.repro}`,
  ].join('\n');
  const title = `${name}: ${told.map(({ check }) => check).join(', ')}`;
  return command(level, { ...fileProperty(run.file), title }, message);
}

/** A file of this repository only: GitHub cannot show one that lies elsewhere, or in a dependency. */
function fileProperty(file: string | null): { file?: string } {
  if (file === null) return {};
  const path = relative(process.env.GITHUB_WORKSPACE ?? process.cwd(), resolve(file));
  return /^\.\.|(^|\/)node_modules\//.test(path) ? {} : { file: path };
}

/** As the runner reads it back: `%`, and line ends; in properties also `:` and `,`. */
function command(level: Level, properties: Record<string, string>, message: string): string {
  const escaped = (text: string): string =>
    text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  const written = Object.entries(properties).map(
    ([name, value]) => `${name}=${escaped(value).replaceAll(':', '%3A').replaceAll(',', '%2C')}`,
  );
  return `::${level} ${written.join(',')}::${escaped(message)}`;
}

export function passesNow({ at, scenario, defect, check }: KnownFailure): string {
  const name = defect ? `${scenario} + ${defect}` : scenario;
  return `known failure passes now: ${name} ${check}; remove the line ${at}`;
}

/** The Markdown that is appended to `$GITHUB_STEP_SUMMARY`. */
export function jobSummary(
  verdict: string,
  runs: readonly ReportedRun[],
  passing: readonly KnownFailure[] = [],
): string {
  const rows = runs.map((run, i) => {
    const title = cell(titleOf(runs, i));
    if (isSkipped(run.entry)) return [title, 'skipped', cell(run.entry.skipped), ''];
    const { entry } = run;
    const told = entry.findings.filter(
      (finding) => finding.verdict === 'fail' || finding.verdict === 'inconclusive',
    );
    const sentence = sentenceOf(entry);
    const found = [
      ...told.map((finding) => `**${finding.check}** ${findingCell(finding)}`),
      ...(sentence ? [`**diagnosis** ${cell(sentence)}`] : []),
      ...(entry.verdict === 'pass' ? [] : [codeSpan(run.repro)]),
    ];
    return [
      title,
      `${MARK[entry.verdict]} ${entry.verdict}`,
      found.join('<br>'),
      formatMs(entry.durationMs),
    ];
  });
  return [
    `### hanglab: ${verdict}`,
    '',
    '| scenario | verdict | what was found | time |',
    '|---|---|---|---|',
    ...rows.map((cells) => `| ${cells.join(' | ')} |`),
    '',
    ...passing.map((entry) => `- ${cell(passesNow(entry))}`),
    '',
  ].join('\n');
}

const MARK = { pass: '✔', fail: '✖', inconclusive: '?' } as const;

function findingCell(finding: Finding): string {
  const { message, measured, limit } = finding;
  const figures =
    measured && limit ? ` (${quantity(measured)}, limit ${quantity(limit) || 'none'})` : '';
  return cell(`${message}${figures}${becauseOf(finding)}`);
}

function becauseOf({ known }: Finding): string {
  return known === undefined ? '' : ` (known: ${known})`;
}
