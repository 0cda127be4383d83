/**
 * A profiler slows its server, and takes memory and threads of it. So under one, exceeding a limit fails the run
 * only where it is exceeded as far as a defect exceeds it (the matrix holds every check to that); what lies
 * between is inconclusive. What has no such limit is judged as always: lost work is lost.
 */
import { type Finding, worst } from '../checks/check.ts';
import { marginRatio } from '../checks/judging/judge.ts';
import { MARGIN_TIMES } from '../matrix/matrix.ts';
import type { RunResult } from '../run/run.ts';
import type { Tool } from './tools.ts';

const FAILS_FROM_RATIO = MARGIN_TIMES;
/** So long a hang is watched: the last samples may take a little of a measured time back. */
export const CONCLUSIVE_FROM_RATIO = FAILS_FROM_RATIO * 1.1;

export function applyTolerance(result: RunResult, tool: Tool): RunResult {
  // A server that has died has not been slow.
  if (result.hasDied) return result;
  const findings = result.findings.map((finding) => tolerated(finding, tool));
  const verdict = worst(findings.map((finding) => finding.verdict));
  // A cause for a hang that may be none is not reported.
  return { ...result, findings, verdict, diagnosis: verdict === 'fail' ? result.diagnosis : null };
}

function tolerated(finding: Finding, tool: Tool): Finding {
  const ratio = marginRatio(finding);
  // Within its limit a finding fails for another reason, and one without a limit measures 0 times of it.
  const isDoubtful = ratio > 1 && ratio < FAILS_FROM_RATIO;
  if (finding.verdict !== 'fail' || !isDoubtful) return finding;
  const message = `${finding.message}; under clinic ${tool} only ${FAILS_FROM_RATIO} times the limit counts as a failure`;
  return { ...finding, verdict: 'inconclusive', message };
}
