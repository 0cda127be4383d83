/** The baseline as `run` uses it: what differs from one, and the file that the runs are added to. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Ran } from '../run-json.ts';
import { type Baseline, baselineText, EMPTY, parseBaseline, withRuns } from './baseline.ts';
import { differenceText } from './baseline-words.ts';
import { compareWithBaseline } from './compare-baseline.ts';

/** A sentence for each difference; none without a baseline. */
export function differencesFrom(baseline: Baseline | null, runs: readonly Ran[]): string[] {
  return baseline === null ? [] : compareWithBaseline(baseline, runs).map(differenceText);
}

/** Adds the runs to those in `file`, which is replaced in one step. @throws when it cannot be written. */
export function addToBaseline(file: string, runs: readonly Ran[]): void {
  const before = existsSync(file) ? parseBaseline(readFileSync(file, 'utf8')) : EMPTY;
  if (typeof before === 'string') throw new Error(before);
  const unfinished = `${file}.part`;
  writeFileSync(unfinished, baselineText(withRuns(before, runs)));
  renameSync(unfinished, file);
}
