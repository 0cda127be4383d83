/** Functions that are stuck while requests wait for them: the cycle, the lock, the upstream, the lost promise. */
import type { Where } from '../../diagnosis.ts';
import type { Look } from '../../facts/facts.ts';
import type { Case, Rule, Verdict } from '../rule.ts';
import { type AwaitCase, awaitCase } from './await-case.ts';
import { upstreamVerdict } from './upstream.ts';

/** Each costs a walk over the process's heap; a person reads the first places. */
const PLACES_WITH_LOCALS = 2;

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
  ],
  judge(subject) {
    const awaits = awaitCase(subject);
    const verdict = awaits && stuckVerdict(subject, awaits);
    if (!awaits || !verdict) return null;
    const wants = wantedFor(awaits) ?? localsWanted(awaits);
    return { verdict, ...(wants && { wants }) };
  },
};

/** null when no request waits at a place where nothing moves. */
export function stuckVerdict(subject: Case, awaits: AwaitCase): Verdict | null {
  const { verdict, facts, isLate } = awaits;
  if (!verdict) return null;
  const where = verdict.where.map((place, i): Where => {
    const locals = i < PLACES_WITH_LOCALS ? facts.locals[verdict.entries[i] ?? -1] : undefined;
    return locals ? { ...place, locals: [...locals] } : place;
  });
  const [first] = verdict.resolvers;
  const peer = first?.kind === 'socket' ? facts.peers[first.id] : null;
  const placed = { ...verdict, where };
  if (peer) return upstreamVerdict(placed, peer, subject, isLate);
  const { code, sentence, holder, evidence } = placed;
  return { code, sentence, where, holder, evidence };
}

function localsWanted({ verdict, facts }: AwaitCase): Look | null {
  const first = verdict?.entries.slice(0, PLACES_WITH_LOCALS) ?? [];
  const ids = first.filter((id) => facts.locals[id] === undefined);
  return ids.length > 0 ? { kind: 'locals', ids } : null;
}

/** Who is at the other end of the socket that the first place waits for. */
export function wantedFor({ verdict, facts }: AwaitCase): Look | null {
  const first = verdict?.resolvers[0];
  if (first?.kind !== 'socket' || facts.peers[first.id] !== undefined) return null;
  return { kind: 'peer', id: first.id };
}
