/** `hanglab.run/1`: what `run --json` prints. */
import { type Finding, type Verdict, worst } from '../checks/check.ts';
import { displayPath } from '../platform/display-path.ts';
import type { RunResult } from '../run/run.ts';

export interface SkippedRun {
  name: string;
  skipped: string;
}

/** What a report tells of a run. One that never began has no report folder and no Toxiproxy. */
export interface Ran
  extends Pick<
    RunResult,
    'name' | 'defect' | 'verdict' | 'seed' | 'durationMs' | 'findings' | 'diagnosis'
  > {
  toxiproxy: RunResult['toxiproxy'] | null;
  reportFolder: string | null;
  /** How often it was run until it was not inconclusive any more; 1 unless more is said. */
  attempts?: number;
  /** What the target declares; absent where the run never began. */
  limits?: RunResult['limits'];
  /** What the diagnosis took, which is no part of `durationMs`. */
  diagnosisMs?: number;
}

export type RunEntry = Ran | SkippedRun;

export function isSkipped(entry: RunEntry): entry is SkippedRun {
  return 'skipped' in entry;
}

export function runJson(entries: readonly RunEntry[], seed: number, toxiproxy: unknown): unknown {
  return {
    schema: 'hanglab.run/1',
    verdict: verdictOf(entries),
    seed,
    toxiproxy,
    scenarios: entries.map((entry) => (isSkipped(entry) ? entry : scenarioJson(entry))),
  };
}

export function verdictOf(entries: readonly RunEntry[]): Verdict {
  return worst(entries.flatMap((entry) => (isSkipped(entry) ? [] : [entry.verdict])));
}

export function scenarioJson(result: Ran): unknown {
  return {
    name: result.name,
    defect: result.defect,
    verdict: result.verdict,
    durationMs: result.durationMs,
    findings: result.findings.map(findingJson),
    diagnosis: result.diagnosis,
    report: result.reportFolder && displayPath(result.reportFolder),
    attempts: result.attempts ?? 1,
  };
}

export function findingJson(finding: Finding): unknown {
  const { check, verdict, phase, message, measured, limit, known } = finding;
  return {
    ...{ check, verdict, phase, message, measured: finite(measured), limit: finite(limit) },
    ...(known === undefined ? {} : { known: true, reason: known }),
  };
}

/** JSON has no infinity; a limit that is not set is null. */
function finite(quantity: Finding['measured']): Finding['measured'] {
  return quantity && Number.isFinite(quantity.value) ? quantity : null;
}
