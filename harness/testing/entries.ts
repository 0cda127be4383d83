/** Builds results of runs for the tests of reports. */
import type { Finding } from '../checks/check.ts';
import type { Diagnosis } from '../diagnosis/diagnosis.ts';
import type { RunSettings } from '../report/repro.ts';
import type { RunResult } from '../run/run.ts';
import { LIMITS } from './history.ts';

export const SETTINGS: RunSettings = {
  scenario: 'upload-burst',
  defect: 'longer-timeout',
  seed: 7,
  scale: 1,
  toxiproxy: 'embedded',
  documents: null,
};

export function finding(changes: Partial<Finding> = {}): Finding {
  return {
    check: 'progress',
    verdict: 'fail',
    phase: 'fault',
    message: 'nothing was finished',
    measured: { value: 5000, unit: 'ms' },
    limit: { value: 2000, unit: 'ms' },
    ...changes,
  };
}

export function diagnosis(sentence: string): Diagnosis {
  return {
    ...{ schema: 'hanglab.diagnose/1', pid: 1, code: 'deadlock', sentence, where: [] },
    ...{ holder: null, evidence: [], ruledOut: [], costMs: { frozen: 0, total: 0 } },
    decided: true,
  };
}

export function entry(changes: Partial<RunResult> = {}): RunResult {
  return {
    name: 'upload-burst',
    defect: 'longer-timeout',
    verdict: 'fail',
    seed: 7,
    durationMs: 1234,
    failedAtMs: {},
    findings: [finding()],
    diagnosis: null,
    facts: null,
    diagnosisMs: 0,
    toxiproxy: { provider: 'embedded', version: '2.12.0' },
    reportFolder: 'reports/upload-burst/now',
    target: 'reference',
    limits: LIMITS,
    phases: { baseline: { fromMs: 1000, toMs: 2000 }, fault: { fromMs: 2000, toMs: 11_000 } },
    requests: { sent: 20, acknowledged: 4, open: 1, oldestMs: 5000 },
    upstreamCalls: 0,
    hasDied: false,
    historyFile: 'reports/upload-burst/now/history.ndjson',
    historyError: null,
    ...changes,
  };
}
