/** What a check is: a pure function over the history. No I/O, no clock, so an old history can be judged again. */
import type { History, Phase } from '../history/history.ts';

export const CHECK_IDS = [
  'health',
  'ready-tells-the-truth',
  'every-request-ends',
  'progress',
  'others-progress',
  'stream-progress',
  'progress-resumes',
  'next-request-succeeds',
  'nothing-acknowledged-lost',
  'indexed-once',
  'no-stale-claims',
  'no-truncated-answer-complete',
  'task-ends',
  'upstream-let-go',
  'attempts-bounded',
  'overload-refused',
  'bytes-per-token-flat',
  'cpu-per-doubling',
  'cpu-per-event-flat',
  'memory-bounded',
  'temp-bytes-back',
  'fds-back',
  'sockets-back',
  'threads-back',
  'children-back',
  'close-wait',
  'exits-in-grace',
  'fault-fired',
  'harness-trusted',
] as const;

export type CheckId = (typeof CHECK_IDS)[number];

export type Verdict = 'pass' | 'fail' | 'inconclusive';

export interface Quantity {
  value: number;
  unit: string;
}

export interface Finding {
  check: CheckId;
  /** `not-reached`: the run ended before its phase, and it counts for nothing. */
  verdict: Verdict | 'not-reached';
  phase: Phase | null;
  /** One sentence for a person: what was found, where, and what was expected. */
  message: string;
  measured: Quantity | null;
  limit: Quantity | null;
  /** It would fail if things went on as they are: worth waiting for before a run is cut short. */
  suspect?: boolean;
  /** A failure that is taken for granted for now, and why: it is shown, and does not count. */
  known?: string;
}

export interface Check {
  name: CheckId;
  /** A failure of it is a hang: nothing will change any more, and the run need not go on. */
  certain?: boolean;
  judge(history: History): Finding;
}

/** Fail beats inconclusive beats pass. */
export function worst(verdicts: Iterable<Verdict | 'not-reached'>): Verdict {
  let result: Verdict = 'pass';
  for (const verdict of verdicts) {
    if (verdict === 'fail') return 'fail';
    if (verdict === 'inconclusive') result = 'inconclusive';
  }
  return result;
}

/** Milliseconds as a quantity, whole above 10. */
export function inMs(value: number): Quantity {
  return { value: value < 10 ? Math.round(value * 10) / 10 : Math.round(value), unit: 'ms' };
}
