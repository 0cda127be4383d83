/** What the pages of other results show: matrix, compare, soak. Read by both sides, as `page-data.ts` is. */
import type { PageBase, PageVerdict } from './page-base.ts';

/** `hanglab.matrix/1`. */
export interface MatrixPage extends PageBase {
  kind: 'matrix';
  verdict: PageVerdict;
  rows: MatrixPageRow[];
  healthy: { scenario: string; verdict: PageVerdict }[];
}

export interface MatrixPageRow {
  variant: string;
  scenario: string;
  expected: string;
  result: string;
  caughtBy: string[];
  marginTimes: number;
  timeToVerdictMs: number;
  diagnosis: string | null;
  sentence: string | null;
  /** Whether the cause that was named is the one that was expected; null where none was. */
  isNamed: boolean | null;
  proposedFix: boolean;
}

/** `hanglab.compare/1`. */
export interface ComparePage extends PageBase {
  kind: 'compare';
  a: string;
  b: string;
  rows: CompareRow[];
  /** What else the comparison says, a line each. */
  notes: string[];
}

export interface CompareRow {
  name: string;
  outcome: string;
  /** Why: a sentence, or empty. */
  because: string;
  /** Numbers that differ by more than noise, as text. */
  numbers: { name: string; a: string; b: string; noise: string }[];
  /** Both fail at another place than before: where, and where now. */
  moved: { a: string; b: string } | null;
  a: CompareSide | null;
  b: CompareSide | null;
}

export interface CompareSide {
  verdict: string;
  findings: { check: string; verdict: string; message: string }[];
  /** The sentence of the diagnosis, and the place that it names. */
  sentence: string | null;
  place: string | null;
}

/** `hanglab.soak/1`. */
export interface SoakPage extends PageBase {
  kind: 'soak';
  verdict: string;
  target: string;
  /** `node`, `python`, or empty. */
  runtime: string;
  scenarios: string[];
  /** In the rounds that were measured. */
  operations: number;
  failed: number;
  tookMs: number;
  /** What ended the soak before its last round, and its diagnosis in a sentence; null: nothing. */
  failure: { message: string; cause: string | null } | null;
  notes: string[];
  rounds: { kind: string }[];
  resources: SoakResource[];
}

export interface SoakResource {
  name: string;
  verdict: string;
  sentence: string;
  unit: string;
  evidence: string[];
  /** After each round; null where it was not read. */
  values: (number | null)[];
}
