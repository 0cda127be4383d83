/** The report folder of an incident. Only its owner may read it: it holds values of the target's variables. */
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Facts, factsJson } from '../../diagnosis/index.ts';
import { diagnosisText } from '../../report/diagnosis-text.ts';
import { makeReportFolder, pointLatestTo } from '../../report/folder.ts';
import type { Sample } from '../samples/sample.ts';
import type { Incident } from './incident.ts';

export interface ReportOptions {
  out: string;
  /** How many of this watch's folders are kept; the oldest go. */
  keep: number;
}

/** Makes the folder, so that the incident can name it. */
export function newReport({ out }: ReportOptions, at: Date): string {
  return makeReportFolder(out, 'watch', at);
}

export function writeReport(
  { out, keep }: ReportOptions,
  incident: Incident,
  facts: Facts | null,
  samples: readonly Sample[],
): void {
  const { folder } = incident;
  const write = (name: string, text: string): void =>
    writeFileSync(join(folder, name), text, { mode: 0o600 });
  write('incident.json', `${JSON.stringify(incident, null, 2)}\n`);
  write('samples.ndjson', samples.map((sample) => `${JSON.stringify(sample)}\n`).join(''));
  if (facts) write('facts.json', factsJson(facts));
  write('summary.md', summaryOf(incident));
  pointLatestTo(out, folder);
  prune(dirname(folder), keep);
}

export function summaryOf(incident: Incident): string {
  const { at, pid, port, alarms, sentence, diagnosis, why, grew } = incident;
  const place = port === null ? `process ${pid}` : `process ${pid} on port ${port}`;
  return [
    `# ${sentence}`,
    `${at}, ${place}`,
    ['Seen from outside:', ...alarms.map((alarm) => `- ${alarm.sentence}`)].join('\n'),
    ...(grew.length > 0
      ? [['What grew since the watch began:', ...grew.map((line) => `- ${line}`)].join('\n')]
      : []),
    ...(diagnosis ? [`\`\`\`\n${diagnosisText(diagnosis)}\n\`\`\``] : []),
    ...(why === null ? [] : [why]),
    'The samples of the last minutes are in `samples.ndjson`.',
    ...(diagnosis
      ? ['`hanglab diagnose --facts facts.json` judges what the diagnosis rests on again.']
      : []),
  ]
    .join('\n\n')
    .concat('\n');
}

const REPORT_FOLDER = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z(-\d+)?$/;

/** Only folders of the same place and form, and never those just written. */
function prune(folder: string, keep: number): void {
  const reports = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && REPORT_FOLDER.test(entry.name))
    .map(({ name }) => name)
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  for (const name of reports.slice(0, Math.max(0, reports.length - keep))) {
    rmSync(join(folder, name), { recursive: true, force: true });
  }
}
