/** What a comparison keeps of one run: its verdict, its kind of failure, where it stood, and what was measured. */
import type { Finding, Verdict } from '../checks/check.ts';
import type { CheckId } from '../checks/check-ids.ts';
import type { Diagnosis, Where } from '../diagnosis/diagnosis.ts';
import type { Measures } from './measures.ts';

/** `a` is the old version, `b` the new one. */
export type Side = 'a' | 'b';

export interface SideRun {
  verdict: Verdict;
  findings: readonly Finding[];
  diagnosis: Diagnosis | null;
  hasDied: boolean;
  measures: Measures;
  durationMs: number;
  /** The folder of its report; null where it has none. */
  reportFolder: string | null;
}

/** Checks that fail on structure: work never ended, or something that was opened never came back. */
const STRUCTURAL: ReadonlySet<CheckId> = new Set([
  'every-request-ends',
  'progress',
  'others-progress',
  'progress-resumes',
  'next-request-succeeds',
  'nothing-acknowledged-lost',
  'no-stale-claims',
  'task-ends',
  'fds-back',
  'sockets-back',
  'threads-back',
  'tasks-back',
  'children-back',
  'close-wait',
  'temp-bytes-back',
  'upstream-let-go',
]);

/** The findings that made a run fail. */
export function failures({ findings }: Pick<SideRun, 'findings'>): Finding[] {
  return findings.filter(({ verdict, known }) => verdict === 'fail' && known === undefined);
}

/** The run never ended, died or leaked; not: an aggregate passed its limit. */
export function isStructural(run: Pick<SideRun, 'findings' | 'hasDied'>): boolean {
  return (
    run.hasDied ||
    failures(run).some(({ check, isSlo }) => isSlo !== true && STRUCTURAL.has(check)) ||
    failures(run).some(({ check, isSlo }) => check === 'health' && isSlo !== true)
  );
}

/** Where a run stood still: the first place that its diagnosis names; null without one. */
export function placeOf({ diagnosis }: Pick<SideRun, 'diagnosis'>): Where | null {
  return diagnosis?.where[0] ?? null;
}
