/**
 * JUnit XML, as Jenkins' schema has it (junit-10.xsd of its xunit plugin): a scenario is a testsuite, a
 * check a testcase. GitLab, Azure and most others read the same.
 */
import { create } from 'xmlbuilder2';
import type { Finding } from '../../checks/check.ts';
import { displayPath } from '../../platform/display-path.ts';
import { type ReportedRun, sentenceOf, titleOf } from '../reported-run.ts';
import { isSkipped, type Ran } from '../run-json.ts';
import { quantity } from '../summary.ts';

type Attributes = Record<string, string>;

interface TestCase {
  name: string;
  /** What else than a pass it was. */
  result: {
    kind: 'failure' | 'error' | 'skipped';
    message: string;
    type: string;
    text: string;
  } | null;
}

/** @param startedAt of the whole run. */
export function junitXml(runs: readonly ReportedRun[], startedAt: Date): string {
  const root = create(
    // What XML cannot hold, a log line can: an escape sequence for colours, say.
    { version: '1.0', encoding: 'UTF-8', invalidCharReplacement: '\uFFFD' },
  ).ele('testsuites', { name: 'hanglab' });
  const total = { tests: 0, failures: 0, errors: 0 };
  let timeMs = 0;
  runs.forEach((run, i) => {
    const cases = casesOf(run);
    const count = (kind: string): number =>
      cases.filter(({ result }) => result?.kind === kind).length;
    const durationMs = isSkipped(run.entry) ? 0 : run.entry.durationMs;
    const counts = { tests: cases.length, failures: count('failure'), errors: count('error') };
    const suite = root.ele('testsuite', {
      name: titleOf(runs, i),
      ...asText({ ...counts, skipped: count('skipped') }),
      time: seconds(durationMs),
      timestamp: startedAt.toISOString().slice(0, 19),
    });
    const properties = suite.ele('properties');
    for (const [name, value] of Object.entries(propertiesOf(run)))
      properties.ele('property', { name, value: exactly(value) });
    for (const { name, result } of cases) {
      const testcase = suite.ele('testcase', { name, classname: `hanglab.${nameOf(run)}` });
      if (!result) continue;
      const { kind, message, type, text } = result;
      const [headline = ''] = message.split('\n');
      testcase.ele(kind, { message: exactly(headline), type }).txt(exactly(text));
    }
    for (const kind of ['tests', 'failures', 'errors'] as const) total[kind] += counts[kind];
    timeMs += durationMs;
  });
  for (const [name, value] of Object.entries({ ...asText(total), time: seconds(timeMs) }))
    root.att(name, value);
  return `${root.end({ prettyPrint: true })}\n`;
}

function casesOf(run: ReportedRun): TestCase[] {
  const { entry } = run;
  if (isSkipped(entry)) {
    const result = { kind: 'skipped', message: entry.skipped, type: 'skipped', text: '' } as const;
    return [{ name: entry.name, result }];
  }
  return entry.findings.map((finding) => ({
    name: finding.check,
    result: resultOf(finding, entry, run.repro),
  }));
}

function resultOf(finding: Finding, entry: Ran, repro: string): TestCase['result'] {
  const { verdict, known, message, check } = finding;
  if (verdict === 'pass') return null;
  if (verdict === 'not-reached') return { kind: 'skipped', message, type: verdict, text: '' };
  const text = detailsOf(finding, entry, repro);
  if (known !== undefined)
    return { kind: 'skipped', message: `known failure: ${known}`, type: 'known-failure', text };
  const kind = verdict === 'fail' ? 'failure' : 'error';
  return { kind, message, type: check, text };
}

/** Everything that a person needs who sees nothing but the page of the build server. */
function detailsOf({ message, measured, limit }: Finding, entry: Ran, repro: string): string {
  const sentence = sentenceOf(entry);
  return [
    message,
    ...(measured ? [`measured: ${quantity(measured)}`] : []),
    ...(limit ? [`limit: ${quantity(limit) || 'none'}`] : []),
    ...(sentence ? [`diagnosis: ${sentence}`] : []),
    ...(entry.reportFolder ? [`report: ${displayPath(entry.reportFolder)}`] : []),
    `run it again: ${repro}`,
  ].join('\n');
}

function propertiesOf({ entry, repro }: ReportedRun): Attributes {
  if (isSkipped(entry)) return {};
  const { seed, defect, toxiproxy, reportFolder } = entry;
  return {
    ...asText({ seed }),
    ...(defect ? { defect } : {}),
    ...(toxiproxy ? { toxiproxy: `${toxiproxy.provider} ${toxiproxy.version}` } : {}),
    ...(reportFolder ? { report: displayPath(reportFolder) } : {}),
    repro,
  };
}

function nameOf({ entry }: ReportedRun): string {
  return isSkipped(entry) || !entry.defect ? entry.name : `${entry.name}+${entry.defect}`;
}

function asText(counts: Record<string, number>): Attributes {
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, String(count)]));
}

/** Left to itself, xmlbuilder2 takes a `&lt;` in a text for markup that is there already. */
function exactly(text: string): string {
  return text.replaceAll('&', '&amp;');
}

/** The schema allows neither an exponent nor a sign. */
function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
