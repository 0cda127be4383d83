/** Writes a run's report in steps: what is known at its start, then the verdict, then the pages. */
import { writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { factsJson } from '../diagnosis/index.ts';
import type { RunResult } from '../run/run.ts';
import { excerptsOf } from './data/excerpt.ts';
import type { Fact } from './page/page-data.ts';
import { type RunSettings, reproScript } from './repro.ts';
import { scenarioJson } from './run-json.ts';
import { summaryMarkdown } from './summary.ts';
import { version } from './version.ts';

export function writeStart(folder: string, settings: RunSettings, why: string): void {
  writeJson(join(folder, 'scenario.json'), {
    ...settings,
    why,
    startedAt: new Date().toISOString(),
    machine: machineFacts(),
  });
  writeFileSync(join(folder, 'repro.sh'), reproScript(settings), { mode: 0o700 });
}

/** `verdict.json` has the entry of `hanglab.run/1`, and what a page of the run needs besides. */
export function writeVerdict(result: RunResult, settings: RunSettings, why: string): void {
  const { reportFolder, seed, failedAtMs, diagnosis, diagnosisMs, toxiproxy, historyError } =
    result;
  // As the source is now: it may be another when the report is rendered again.
  const excerpts = diagnosis ? excerptsOf(diagnosis) : [];
  writeJson(join(reportFolder, 'verdict.json'), {
    ...(scenarioJson(result) as object),
    ...{ seed, failedAtMs, diagnosisMs, toxiproxy, historyError, excerpts },
  });
  writeFileSync(join(reportFolder, 'summary.md'), summaryMarkdown(result, settings, why, excerpts));
  if (result.facts) writeFileSync(join(reportFolder, 'facts.json'), factsJson(result.facts));
}

/** For a run that has no verdict: what ended it. */
export function writeAborted(folder: string, message: string): void {
  writeJson(join(folder, 'verdict.json'), { verdict: null, message });
}

function machineFacts(): Fact[] {
  const [cpu] = cpus();
  return [
    { name: 'hanglab', value: version() },
    { name: 'Node', value: process.version },
    { name: 'Processors', value: `${cpus().length} × ${cpu?.model ?? 'unknown'}` },
    { name: 'Memory', value: `${(totalmem() / 1e9).toFixed(1)} GB` },
    { name: 'Kernel', value: `Linux ${release()}` },
  ];
}

function writeJson(file: string, value: unknown): void {
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}
