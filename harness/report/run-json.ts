/** `hanglab.run/1`: what `run --json` prints. */
import { type Finding, type Verdict, worst } from '../checks/check.ts';
import type { RunResult } from '../run.ts';

export interface SkippedRun {
  name: string;
  skipped: string;
}

export type RunEntry = RunResult | SkippedRun;

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

export function scenarioJson(result: RunResult): unknown {
  return {
    name: result.name,
    defect: result.defect,
    verdict: result.verdict,
    durationMs: result.durationMs,
    findings: result.findings.map(findingJson),
    diagnosis: result.diagnosis,
    report: result.reportFolder,
  };
}

function findingJson({ check, verdict, phase, message, measured, limit }: Finding): unknown {
  return { check, verdict, phase, message, measured: finite(measured), limit: finite(limit) };
}

/** JSON has no infinity; a limit that is not set is null. */
function finite(quantity: Finding['measured']): Finding['measured'] {
  return quantity && Number.isFinite(quantity.value) ? quantity : null;
}
