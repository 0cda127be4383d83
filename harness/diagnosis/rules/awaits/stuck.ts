/** Functions that are stuck while requests wait for them: the cycle, the lock, the upstream, the lost promise. */
import type { Where } from '../../diagnosis.ts';
import type { Look } from '../../facts/facts.ts';
import { decide, verdictOf } from '../decision/decide.ts';
import { requestLimit } from '../decision/limit.ts';
import { loopState } from '../loop/loop-state.ts';
import type { Case, Rule, Verdict } from '../rule.ts';
import { type AwaitCase, awaitCase } from './await-case.ts';
import { upstreamVerdict } from './upstream.ts';
import { type AwaitVerdict, judgeAwaits } from './verdict.ts';
import { waitOf } from './wait-of.ts';

/** Each costs a walk over the process's heap; a person reads the first places. */
const PLACES_WITH_LOCALS = 2;
/** Places that live or wait are judged one by one until one is found that hangs. */
const MAX_PLACES = 50;

export const stuck: Rule = {
  codes: [
    'deadlock',
    'abandoned-lock',
    'upstream-stalled',
    'body-unread',
    'half-closed',
    'pool-exhausted',
    'waiting-on-timer',
    'awaiting-forever',
    'waiting',
  ],
  judge(subject) {
    const awaits = awaitCase(subject);
    const found = awaits && worstOf(subject, awaits);
    if (!awaits || !found) return null;
    const wants = localsWanted(awaits, found.at);
    return { verdict: found.verdict, ...(wants && { wants }) };
  },
};

interface Judged {
  at: AwaitVerdict;
  verdict: Verdict;
}

/** The first place that hangs; else the first that waits; null when all that is open lives. */
function worstOf(subject: Case, awaits: AwaitCase): Judged | null {
  const { view, agesMs, about } = awaits;
  if (isKnownLate(subject)) {
    const at = awaits.verdict;
    return at && { at, verdict: stuckVerdict(subject, awaits, at) };
  }
  const except = new Set<number>();
  let waiting: Judged | null = null;
  while (except.size < MAX_PLACES) {
    const at = judgeAwaits(view, agesMs, { ...about, except });
    if (!at) break;
    const hang = stuckVerdict(subject, awaits, at);
    const wait = waitOf(awaits.facts, agesMs, at, hang.code);
    if (decide(wait, requestLimit(subject)) === 'hung') return { at, verdict: hang };
    const verdict = verdictOf(subject, hang, wait);
    waiting ??= verdict && { at, verdict };
    except.add(at.leaf);
  }
  return waiting;
}

/** The run has found that something is late, or the health path itself waits: then waiting is no excuse. */
function isKnownLate(subject: Case): boolean {
  const { healthFailed, progressFlatMs, lateWorkMs, requestsInFlight = [] } = subject.hints;
  const { ms } = requestLimit(subject);
  return (
    !loopState(subject).turns ||
    Boolean(healthFailed || progressFlatMs || lateWorkMs) ||
    requestsInFlight.some(({ ageMs }) => ageMs >= ms)
  );
}

/** As it would be if it were a hang. */
function stuckVerdict(subject: Case, { facts, isLate }: AwaitCase, at: AwaitVerdict): Verdict {
  const where = at.where.map((place, i): Where => {
    const locals = i < PLACES_WITH_LOCALS ? facts.locals[at.entries[i] ?? -1] : undefined;
    return locals ? { ...place, locals: [...locals] } : place;
  });
  const [first] = at.resolvers;
  const peer = first ? facts.peers[first.id] : null;
  const placed = { ...at, where };
  if (peer && first?.kind === 'socket') return upstreamVerdict(placed, peer, subject, isLate);
  const { code, sentence, holder, evidence } = placed;
  return { code, sentence, where, holder, evidence };
}

function localsWanted({ facts }: AwaitCase, { entries }: AwaitVerdict): Look | null {
  const first = entries.slice(0, PLACES_WITH_LOCALS);
  const ids = first.filter((id) => facts.locals[id] === undefined);
  return ids.length > 0 ? { kind: 'locals', ids } : null;
}
