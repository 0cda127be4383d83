/** One run as reports for others (JUnit, GitHub) need it: its result, and what leads back to it. */
import { isSkipped, type Ran, type RunEntry } from './run-json.ts';

export interface ReportedRun {
  entry: RunEntry;
  /** The scenario's file, null when it is not known. */
  file: string | null;
  /** The command that runs it again. */
  repro: string;
}

/** The diagnosis in a sentence; null without one. */
export function sentenceOf({ diagnosis }: Ran): string | null {
  return diagnosis?.sentence ?? null;
}

/** What tells the `index`-th run from all others: its scenario, its defect, which of several it is. */
export function titleOf(runs: readonly ReportedRun[], index: number): string {
  const names = runs.map(({ entry }) =>
    isSkipped(entry) || !entry.defect ? entry.name : `${entry.name} + ${entry.defect}`,
  );
  const own = names[index] as string;
  const count = names.filter((name) => name === own).length;
  const number = names.slice(0, index + 1).filter((name) => name === own).length;
  return count === 1 ? own : `${own} ${number}/${count}`;
}
