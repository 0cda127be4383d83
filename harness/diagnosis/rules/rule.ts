/** What a rule is: one question about one process, answered from facts alone. */
import type { DiagnosisCode } from '../codes.ts';
import type { Diagnosis, Holder, Where } from '../diagnosis.ts';
import type { Asked, Look, ProcessFacts } from '../facts/facts.ts';
import type { HealthSeen, OutsideFacts } from '../facts/outside-facts.ts';
import type { RunHints } from '../run-hints.ts';

/** One process as rules see it. */
export interface Case {
  readonly process: ProcessFacts;
  readonly outside: OutsideFacts;
  readonly health: HealthSeen | null;
  readonly hints: RunHints;
  readonly asked: Asked;
}

export interface Rule {
  /** The codes that it may answer with. */
  readonly codes: readonly DiagnosisCode[];
  /** null when the question does not arise. */
  judge(subject: Case): Ruling | null;
}

export interface Ruling {
  /** The answer: no further rule is asked. */
  readonly verdict?: Verdict;
  /** It cannot answer without this look; beside a verdict, the look would tell more. */
  readonly wants?: Look;
  /** Shown whatever the answer will be. */
  readonly evidence?: readonly string[];
  readonly ruledOut?: readonly RuledOut[];
}

export interface Verdict {
  readonly code: DiagnosisCode;
  /** Without it the code's own sentence is shown. */
  readonly sentence?: string;
  /** False when the look that would decide could not be had, or what it waits for may still come. */
  readonly isDecided?: boolean;
  readonly where?: readonly Where[];
  readonly holder?: Holder | null;
  readonly evidence?: readonly string[];
}

export type RuledOut = Diagnosis['ruledOut'][number];

export function ruledOut(code: DiagnosisCode, because: string): Ruling {
  return { ruledOut: [{ code, because }] };
}
