/** The rules in the order of their questions: the first that answers names the hang. Pure. */
import type { DiagnosisCode } from '../codes.ts';
import type { Diagnosis } from '../diagnosis.ts';
import type { Facts, Look, ProcessFacts } from '../facts/facts.ts';
import { GONE } from '../facts/gone.ts';
import { PLAIN_SENTENCES } from '../wording/codes.ts';
import { HELPS } from '../wording/helps.ts';
import { freedByLook } from './awaits/freed-by-look.ts';
import { byRun, healthWaits, moving, unseen } from './awaits/moving.ts';
import { orphaned } from './awaits/orphaned.ts';
import { stuck } from './awaits/stuck.ts';
import { threadPool } from './awaits/thread-pool.ts';
import { crashed } from './crashed.ts';
import { heapGrowth } from './leaks/heap-growth.ts';
import { leaks } from './leaks/leaks.ts';
import { notableLines } from './leaks/notable.ts';
import { backpressure } from './loop/backpressure.ts';
import { gcThrash } from './loop/gc-thrash.ts';
import { hostStarved } from './loop/host-starved.ts';
import { pipeFull } from './loop/pipe-full.ts';
import { running } from './loop/running.ts';
import { silent } from './loop/silent.ts';
import { outsideLine } from './outside-line.ts';
import type { Case, Rule, RuledOut, Verdict } from './rule.ts';
import { runEvidence } from './run/run-evidence.ts';
import { staleClaims } from './run/stale-claims.ts';
import { goroutines } from './runtimes/goroutines.ts';
import { javaThreads } from './runtimes/java-threads.ts';
import { pythonTasks } from './runtimes/python-tasks.ts';
import { kernelIo, stopped } from './stopped.ts';

export const RULES: readonly Rule[] = [
  // Does it run at all?
  crashed,
  stopped,
  kernelIo,
  // Does its loop come back to its events?
  silent,
  hostStarved,
  gcThrash,
  pipeFull,
  running,
  // It does: what has piled up?
  backpressure,
  leaks,
  heapGrowth,
  // What do its requests wait for?
  goroutines,
  javaThreads,
  staleClaims,
  pythonTasks,
  freedByLook,
  orphaned,
  threadPool,
  stuck,
  byRun,
  healthWaits,
  unseen,
  moving,
];

const LIVE: ReadonlySet<DiagnosisCode> = new Set(['live', 'slow-but-live', 'saturated-but-live']);

export interface Judgement {
  diagnosis: Diagnosis;
  /** Looks that would show more, each at one process; none when the answer stands. */
  wants: { pid: number; look: Look }[];
}

/**
 * Judges every process, and answers with the one that hangs. The same facts have the same answer, whoever gathered
 * them and whenever.
 */
export function judge(facts: Facts): Judgement {
  const judged = facts.processes.map((process) => judgeProcess(facts, process));
  const [worst] = judged.toSorted((a, b) => severity(b.diagnosis) - severity(a.diagnosis));
  if (!worst) throw new Error('no process in the facts');
  return { diagnosis: worst.diagnosis, wants: judged.flatMap(({ wants }) => wants) };
}

/** A process that hangs goes before one that nothing can be said of, and that before one that lives. */
function severity({ code, decided }: Diagnosis): number {
  if (!decided) return 1;
  return LIVE.has(code) ? 0 : 2;
}

function judgeProcess(facts: Facts, process: ProcessFacts): Judgement {
  const { health, hints, asked } = facts;
  const subject: Case = { process, outside: process.outside ?? GONE, health, hints, asked };
  const evidence = process.outside
    ? [
        outsideLine(process.outside, health),
        ...notableLines(process.pid, process.outside, hints.links ?? {}),
      ]
    : [];
  const ruledOut: RuledOut[] = [];
  let verdict: Verdict = UNANSWERED;
  let wants: Look | undefined;
  for (const rule of RULES) {
    const ruling = rule.judge(subject);
    if (!ruling) continue;
    evidence.push(...(ruling.evidence ?? []));
    ruledOut.push(...(ruling.ruledOut ?? []));
    wants = ruling.wants;
    if (ruling.verdict) verdict = ruling.verdict;
    if (ruling.verdict || ruling.wants) break;
  }
  const isDecided = verdict.isDecided ?? true;
  // What is not decided does not live.
  const code = isDecided || !LIVE.has(verdict.code) ? verdict.code : 'undecided';
  return {
    diagnosis: {
      schema: 'hanglab.diagnose/1',
      pid: process.pid,
      code,
      sentence: verdict.sentence ?? PLAIN_SENTENCES[code],
      ...(HELPS[code] && { helps: HELPS[code] }),
      decided: isDecided,
      where: [...(verdict.where ?? [])],
      holder: verdict.holder ?? null,
      evidence: [...evidence, ...runEvidence(hints), ...(verdict.evidence ?? [])],
      ruledOut: ruledOut.filter((each) => each.code !== code),
      costMs: { frozen: Math.round(process.frozenMs), total: Math.round(facts.totalMs) },
    },
    wants: wants ? [{ pid: process.pid, look: wants }] : [],
  };
}

/** A look is missing that a rule needs, and nobody can take it any more. */
const UNANSWERED: Verdict = {
  code: 'undecided',
  isDecided: false,
  sentence: 'The facts do not hold the look inside the process that would decide.',
};
