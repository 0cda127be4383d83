/** No request waits at a place where nothing moves: it lives, and at most it is slow. */
import { plural } from '../../wording/numbers.ts';
import { loopState } from '../loop/loop-state.ts';
import type { Case, Rule } from '../rule.ts';
import { stuckByRun } from '../run/stuck-by-run.ts';
import { awaitCase } from './await-case.ts';
import { suspendedText } from './verdict.ts';

/** A request that moves is called slow when it has been waiting for this long: a person notices a second. */
const SLOW_MS = 1000;

/** The run knows that something is stuck, whatever the suspended functions show. */
export const byRun: Rule = {
  codes: ['upstream-stalled', 'half-closed', 'awaiting-forever'],
  judge(subject) {
    const stuck = stuckByRun(subject);
    if (!stuck || !subject.process.awaits) return null;
    return { verdict: { ...stuck, evidence: movingEvidence(subject) } };
  },
};

/** The loop turns, and the health path itself does not come back. */
export const healthWaits: Rule = {
  codes: ['awaiting-forever'],
  judge(subject) {
    if (!subject.process.awaits || loopState(subject).turns) return null;
    return { verdict: { code: 'awaiting-forever', evidence: movingEvidence(subject) } };
  },
};

/** Without a look inside, a loop that turns is all that is known. */
export const unseen: Rule = {
  codes: ['undecided'],
  judge({ process: { awaits } }) {
    if (!awaits || awaits.refused === null) return null;
    return {
      verdict: {
        code: 'undecided',
        isDecided: false,
        sentence: `Its event loop turns; whether a request is stuck could not be seen: ${awaits.refused}`,
        evidence: [awaits.refused],
      },
    };
  },
};

export const moving: Rule = {
  codes: ['live', 'slow-but-live'],
  judge(subject) {
    const awaits = awaitCase(subject);
    if (!awaits) return null;
    const slowestMs = Math.max(oldestMs(subject), subject.health?.worstMs ?? 0);
    return {
      verdict: {
        code: slowestMs > SLOW_MS ? 'slow-but-live' : 'live',
        evidence: movingEvidence(subject),
      },
      ruledOut: [{ code: 'awaiting-forever', because: 'no request is stuck' }],
    };
  },
};

/** What the look shows, or why there is none. */
export function movingEvidence(subject: Case): string[] {
  const refused = subject.process.awaits?.refused;
  if (refused) return [refused];
  const awaits = awaitCase(subject);
  if (!awaits) return [];
  const open = plural(awaits.facts.requests.length, 'request');
  const ageMs = Math.round(oldestMs(subject));
  return [`${suspendedText(awaits.view)}; ${open} open, the oldest for ${ageMs} ms`];
}

function oldestMs(subject: Case): number {
  return Math.max(0, ...(awaitCase(subject)?.agesMs.values() ?? []));
}
