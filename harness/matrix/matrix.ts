/** Who catches what: each defect in its scenario, and the healthy target in all of them. Pure: from results to rows. */

import type { Verdict } from '../checks/check.ts';
import { marginRatio } from '../checks/judging/judge.ts';
import type { Diagnosis } from '../diagnosis/diagnosis.ts';
import type { RunResult } from '../run/run.ts';
import type { ExpectedDiagnosis, MatrixRow } from './matrix-row.ts';

export type RowResult = 'caught' | 'missed' | 'false-alarm' | 'inconclusive';

export interface JudgedRow extends Omit<MatrixRow, 'diagnosis'> {
  result: RowResult;
  /** The ids of all checks that failed. */
  caughtBy: string[];
  /**
   * How far the expected check separates: the smaller of how many times its limit the defect measured,
   * and how many times the healthy target's measure goes into that limit. At most `MARGIN_CAP`.
   */
  marginTimes: number;
  timeToVerdictMs: number;
  diagnosis: Diagnosis | null;
  /** Whether the cause that was named is the row's own; null where the row names none. */
  isNamed: boolean | null;
}

/** How far beyond its limit a defect must go, and below it the healthy target must stay. */
export const MARGIN_TIMES = 3;

/** A count that may not rise at all is passed endlessly; JSON has no infinity. */
const MARGIN_CAP = 1000;

export function judgeRow(
  row: MatrixRow,
  defective: RunResult,
  healthy: RunResult | null,
): JudgedRow {
  const failed = defective.findings.filter(({ verdict }) => verdict === 'fail');
  const expected = failed.find(({ check }) => check === row.expected);
  const own = healthy?.findings.find(({ check }) => check === row.expected);
  // What was not there at all on the healthy target is endlessly far from any limit, zero included.
  const healthyMargin = own?.measured?.value ? 1 / marginRatio(own) : Number.POSITIVE_INFINITY;
  const margin = expected ? Math.min(marginRatio(expected), healthyMargin, MARGIN_CAP) : 0;
  return {
    ...row,
    isNamed: row.diagnosis ? diagnosisMatches(defective.diagnosis, row.diagnosis) : null,
    result: resultOf(expected !== undefined, defective.verdict, healthy?.verdict ?? 'pass'),
    caughtBy: failed.map(({ check }) => check),
    marginTimes: margin,
    timeToVerdictMs: defective.failedAtMs[row.expected] ?? defective.durationMs,
    diagnosis: defective.diagnosis,
  };
}

/** The code is one of those expected, and the first places or the holder are in the file. */
export function diagnosisMatches(
  found: Diagnosis | null,
  { codes, file }: ExpectedDiagnosis,
): boolean {
  if (!found || !codes.includes(found.code)) return false;
  const [first] = found.where;
  const places = [first, ...(first?.chain ?? []), found.holder?.where];
  return file === null || places.some((place) => place?.file.endsWith(file));
}

function resultOf(caught: boolean, defective: Verdict, healthy: Verdict): RowResult {
  if (healthy === 'fail') return 'false-alarm';
  if (caught) return 'caught';
  return defective === 'inconclusive' ? 'inconclusive' : 'missed';
}

export function matrixVerdict(rows: readonly JudgedRow[], healthy: readonly RunResult[]): Verdict {
  const wrong = rows.some(({ result }) => result === 'missed' || result === 'false-alarm');
  if (wrong || healthy.some(({ verdict }) => verdict === 'fail')) return 'fail';
  const open = rows.some(({ result }) => result === 'inconclusive');
  return open || healthy.some(({ verdict }) => verdict === 'inconclusive')
    ? 'inconclusive'
    : 'pass';
}

/** `hanglab.matrix/1`. */
export function matrixJson(rows: readonly JudgedRow[], healthy: readonly RunResult[]) {
  return {
    schema: 'hanglab.matrix/1' as const,
    verdict: matrixVerdict(rows, healthy),
    rows: rows.map(({ proposedFix: _, marginTimes, ...row }) => ({
      ...row,
      marginTimes: Math.round(marginTimes * 10) / 10,
    })),
    healthy: healthy.map(({ name, verdict }) => ({ scenario: name, verdict })),
  };
}
