/** Runs made by hand, for the tests of pure decisions over them. */
import type { Finding, Verdict } from '../checks/check.ts';
import type { CheckId } from '../checks/check-ids.ts';
import type { Diagnosis, Where } from '../diagnosis/diagnosis.ts';
import type { Pair } from './decide.ts';
import type { Measures } from './measures.ts';
import type { SideRun } from './side-run.ts';

export const MEASURES: Measures = {
  healthP99Ms: 10,
  recoveryMs: 100,
  rssGrowthBytes: 1_000_000,
  fdsGrowth: 0,
  threadsGrowth: 0,
  outage: { longestMs: 0, endedBeforeHeal: null, isOpen: false },
};

export function runOf(verdict: Verdict, given: Partial<SideRun> = {}): SideRun {
  return {
    verdict,
    findings: [],
    diagnosis: null,
    hasDied: false,
    measures: MEASURES,
    durationMs: 1000,
    reportFolder: null,
    ...given,
  };
}

export function failing(check: CheckId, more: Partial<Finding> = {}): SideRun {
  const base = { phase: null, message: `${check} failed`, measured: null, limit: null };
  return runOf('fail', { findings: [{ check, verdict: 'fail', ...base, ...more }] });
}

export const passed = runOf('pass');
export const unclear = runOf('inconclusive');
export const hung = failing('every-request-ends');
export const slow = failing('health', { isSlo: true });

/** `count` pairs of these two. */
export function pairs(count: number, a: SideRun, b: SideRun): Pair[] {
  return Array.from({ length: count }, () => ({ a, b }));
}

/** A run that failed and stood still at this place. */
export function standingAt(file: string, line: number, name: string): SideRun {
  const where = { function: name, file, line, column: 1, count: 1, ageMs: null } as Where;
  return { ...hung, diagnosis: { where: [where] } as Diagnosis };
}
