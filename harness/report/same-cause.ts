/** Failures that have the same cause: several scenarios that stop at the same place are one thing to fix. */
import type { Diagnosis, Frame } from '../diagnosis/diagnosis.ts';
import { isSkipped, type RunEntry } from './run-json.ts';

export interface SharedCause {
  code: Diagnosis['code'];
  /** `app.py:12`; null where the diagnosis names no place. */
  place: string | null;
  /** As the first of the diagnoses puts it. */
  sentence: string;
  helps: string | null;
  /** The names of the scenarios, each once, in the order of the suite. */
  scenarios: readonly string[];
}

/** Causes that at least two scenarios share, the most frequent first. */
export function sharedCauses(entries: readonly RunEntry[]): SharedCause[] {
  const causes = new Map<string, SharedCause>();
  for (const entry of entries) {
    if (isSkipped(entry) || entry.verdict !== 'fail' || entry.diagnosis === null) continue;
    const { code, sentence, helps = null, where, holder, decided } = entry.diagnosis;
    // Two undecided diagnoses may have different causes.
    if (!decided) continue;
    const place = placeOf(where[0] ?? holder?.where ?? null);
    const key = `${code} ${place ?? sentence}`;
    const before = causes.get(key) ?? { code, place, sentence, helps, scenarios: [] };
    const scenarios = [...new Set([...before.scenarios, entry.name])];
    causes.set(key, { ...before, scenarios });
  }
  return [...causes.values()]
    .filter(({ scenarios }) => scenarios.length > 1)
    .toSorted((a, b) => b.scenarios.length - a.scenarios.length);
}

function placeOf(frame: Pick<Frame, 'file' | 'line'> | null): string | null {
  return frame === null || frame.file === '' ? null : `${frame.file}:${frame.line}`;
}
