/** A reported hang as a story: runs that must come out in a certain way, and what each of them shows. */
import type { CheckId } from '../checks/check-ids.ts';
import type { RunResult } from '../run/run.ts';

export interface Step {
  chapter: 'the report' | 'proposed fix' | 'healthy';
  /** What is tried, in the report's own words where it has them. */
  title: string;
  scenario: string;
  defect: string | null;
  /** The check that must fail; null: all must pass. */
  fails: CheckId | null;
  /** What the run showed, for a person: from its findings and its history. */
  tells(result: RunResult): string;
}

export interface Story {
  name: string;
  headline: string;
  steps: readonly Step[];
  /** What the report's own account got wrong, or could not know. */
  corrections: readonly string[];
}

export interface ToldStep {
  step: Step;
  result: RunResult;
  asTold: boolean;
  sentence: string;
}

/** Whether a run came out as the story says, and what it showed. */
export function tell(step: Step, result: RunResult): ToldStep {
  const failed = result.findings.filter(({ verdict }) => verdict === 'fail');
  const asTold =
    step.fails === null
      ? result.verdict === 'pass'
      : failed.some(({ check }) => check === step.fails);
  const sentence = asTold ? step.tells(result) : notAsTold(step, result);
  return { step, result, asTold, sentence };
}

function notAsTold({ fails }: Step, { verdict, findings }: RunResult): string {
  const expected = fails === null ? 'expected it to pass' : `expected ${fails} to fail`;
  const told = findings.find((finding) => finding.verdict === verdict && verdict !== 'pass');
  return `${expected}, and it came out ${verdict}${told ? `: ${told.message}` : ''}`;
}

/** The message of a check's finding in a run. */
export function messageOfCheck({ findings }: RunResult, check: CheckId): string {
  return findings.find((finding) => finding.check === check)?.message ?? '';
}
