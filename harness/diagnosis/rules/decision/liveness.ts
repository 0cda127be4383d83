/** That a process lives needs proof: requests that were seen ending, or none that is open. */
import { plural, seconds } from '../../wording/numbers.ts';
import type { Case, Verdict } from '../rule.ts';
import { whenToLook } from './decide.ts';
import { limitText, requestLimit } from './limit.ts';
import { clientTraffic } from './traffic.ts';

/** A request that moves is called slow when it has been waiting for this long: a person notices a second. */
const SLOW_MS = 1000;

/** What a look inside, or the view from outside, knows of the requests of a process. */
export interface RequestsSeen {
  /** Not answered at the last look, and waiting for something: idle event streams do not count. */
  open: number;
  /** Seen ending between the looks. */
  ended: number;
  /** Age of the oldest open one; null when it is not known. */
  oldestMs: number | null;
}

/** From the kernel's counters alone; null where they could not be had. */
export function requestsFromOutside(subject: Case): RequestsSeen | null {
  const { isKnown, connections, ended, oldestMs } = clientTraffic(subject);
  if (!isKnown) return null;
  return { open: connections.filter(({ isUnanswered }) => isUnanswered).length, ended, oldestMs };
}

/**
 * The verdict when nothing was found that is stuck.
 * @param unseen why it is not known what open requests wait for, as the end of a sentence; null when it is known, and moves.
 */
export function liveness(
  subject: Case,
  seen: RequestsSeen | null = requestsFromOutside(subject),
  unseen: string | null = null,
): Verdict {
  if (!seen) {
    return {
      code: 'undecided',
      isDecided: false,
      sentence: `Whether requests wait could not be seen${because(unseen)}: ss (of iproute2) would tell.`,
    };
  }
  const { open, ended, oldestMs } = seen;
  const slowestMs = Math.max(oldestMs ?? 0, subject.health?.worstMs ?? 0);
  const code = slowestMs > SLOW_MS ? 'slow-but-live' : 'live';
  if (open === 0) return { code, evidence: ['no request is open'] };
  const limit = requestLimit(subject);
  const isOverdue = oldestMs !== null && oldestMs >= limit.ms;
  if (ended > 0 && !isOverdue) {
    return { code, evidence: [`${plural(ended, 'request')} ended between the looks`] };
  }
  const wait = open === 1 ? 'waits' : 'wait';
  if (isOverdue) {
    return {
      code: 'undecided',
      isDecided: false,
      sentence: `${plural(open, 'request')} ${wait}, the oldest for ${seconds(oldestMs)}, beyond the limit of ${limitText(limit)}; what for could not be seen${because(unseen)}.`,
    };
  }
  return {
    code: 'waiting',
    isDecided: false,
    sentence: `${plural(open, 'request')} ${wait}, and none was seen ending${because(unseen)}. ${whenToLook({ oldestMs, timerMs: null }, limit)}`,
  };
}

function because(unseen: string | null): string {
  return unseen ? ` (${unseen})` : '';
}
