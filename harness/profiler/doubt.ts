/**
 * A profiler slows its server, and takes memory and threads of it. So under one, passing a limit convicts
 * only where the limit is passed as far as a defect passes it (the matrix holds every check to that);
 * what lies between is inconclusive. What has no such limit is judged as always: a lost document is lost.
 */
import { type Finding, worst } from '../checks/check.ts';
import { marginTimes } from '../checks/judge.ts';
import { deathOf } from '../checks/liveness/health.ts';
import { MARGIN_TIMES } from '../matrix/matrix.ts';
import type { RunResult } from '../run/run.ts';
import type { Tool } from './tools.ts';

const CONVICTS_FROM_TIMES = MARGIN_TIMES;
/** So long a hang is watched: the last samples may take a little of a measured time back. */
export const CERTAIN_FROM_TIMES = CONVICTS_FROM_TIMES * 1.1;

export function doubted(result: RunResult, tool: Tool): RunResult {
  // A server that has died has not been slow.
  if (deathOf(result.history) !== null) return result;
  const findings = result.findings.map((finding) => doubtedFinding(finding, tool));
  const verdict = worst(findings.map((finding) => finding.verdict));
  // Why a server hung that perhaps did not hang is nothing to be told.
  return { ...result, findings, verdict, diagnosis: verdict === 'fail' ? result.diagnosis : null };
}

function doubtedFinding(finding: Finding, tool: Tool): Finding {
  const times = marginTimes(finding);
  // Within its limit a finding fails for another reason, and one without a limit measures 0 times of it.
  const doubtful = times > 1 && times < CONVICTS_FROM_TIMES;
  if (finding.verdict !== 'fail' || !doubtful) return finding;
  const message = `${finding.message}; under clinic ${tool} only ${CONVICTS_FROM_TIMES} times the limit convicts`;
  return { ...finding, verdict: 'inconclusive', message };
}
