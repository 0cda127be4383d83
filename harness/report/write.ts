/** Writes a run's report in steps: what is known at its start, then the verdict. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { factsJson } from '../diagnosis/index.ts';
import type { RunResult } from '../run/run.ts';
import { type RunSettings, reproScript } from './repro.ts';
import { scenarioJson } from './run-json.ts';
import { summaryMarkdown } from './summary.ts';

export function writeStart(folder: string, settings: RunSettings, why: string): void {
  writeJson(join(folder, 'scenario.json'), {
    ...settings,
    why,
    startedAt: new Date().toISOString(),
  });
  writeFileSync(join(folder, 'repro.sh'), reproScript(settings), { mode: 0o700 });
}

export function writeVerdict(result: RunResult, settings: RunSettings, why: string): void {
  writeJson(join(result.reportFolder, 'verdict.json'), scenarioJson(result));
  writeFileSync(join(result.reportFolder, 'summary.md'), summaryMarkdown(result, settings, why));
  if (result.facts) {
    writeFileSync(join(result.reportFolder, 'facts.json'), factsJson(result.facts));
  }
}

/** For a run that has no verdict: what ended it. */
export function writeAborted(folder: string, message: string): void {
  writeJson(join(folder, 'verdict.json'), { verdict: null, message });
}

function writeJson(file: string, value: unknown): void {
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}
