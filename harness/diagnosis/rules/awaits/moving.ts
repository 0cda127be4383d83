/** No request waits at a place where nothing moves: it lives, and at most it is slow. */
import { plural } from '../../wording/numbers.ts';
import { liveness, type RequestsSeen } from '../decision/liveness.ts';
import { clientTraffic } from '../decision/traffic.ts';
import { loopState } from '../loop/loop-state.ts';
import type { Case, Rule } from '../rule.ts';
import { stuckByRun } from '../run/stuck-by-run.ts';
import { type AwaitCase, awaitCase } from './await-case.ts';
import { suspendedText } from './verdict.ts';
import { isStream } from './wait-of.ts';

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
  codes: ['live', 'slow-but-live', 'waiting', 'undecided'],
  judge(subject) {
    const awaits = awaitCase(subject);
    if (!awaits) return null;
    const verdict = liveness(subject, requestsSeen(subject, awaits));
    return {
      verdict: {
        ...verdict,
        evidence: [...movingEvidence(subject), ...(verdict.evidence ?? [])],
      },
      ruledOut: [{ code: 'awaiting-forever', because: 'no request is stuck' }],
    };
  },
};

/** Streams are open for as long as their clients like, and a request whose function or bytes moved goes on. */
function requestsSeen(subject: Case, { facts, view, agesMs }: AwaitCase): RequestsSeen {
  const { functions, requests } = facts;
  const goingOn = new Set(
    functions.flatMap((each) => (view.stuck.has(each.id) ? [] : each.requests)),
  );
  const open = requests.filter(
    (each) => !each.hasEnded && !each.hasMoved && !isStream(each) && !goingOn.has(each.id),
  );
  const ages = requests.filter((each) => !isStream(each)).flatMap(({ id }) => agesMs.get(id) ?? []);
  return {
    open: open.length,
    ended: requests.filter(({ hasEnded }) => hasEnded).length + clientTraffic(subject).ended,
    oldestMs: ages.length > 0 ? Math.max(...ages) : null,
  };
}

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
