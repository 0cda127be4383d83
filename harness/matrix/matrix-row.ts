/**
 * Which variant which scenario must catch, and by which check. Where a defect has several scenarios the first
 * binds, and the others are further rows of the same defect.
 */
import type { CheckId } from '../checks/check-ids.ts';
import type { DiagnosisCode } from '../diagnosis/codes.ts';

export interface MatrixRow {
  /** The variant of the target. */
  defect: string;
  scenario: string;
  expected: CheckId;
  /** A repair that was proposed and does not hold. */
  proposedFix?: boolean;
  /** What the hang has to be called, and the file in which work is stuck; none where there is no hang. */
  diagnosis?: ExpectedDiagnosis;
}

export interface ExpectedDiagnosis {
  codes: readonly DiagnosisCode[];
  /** The end of its path; null where nothing is stuck, as after a crash. */
  file: string | null;
}
