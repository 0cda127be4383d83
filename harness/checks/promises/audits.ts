/** What the audit at the end of a run found, and what it could not ask. */
import type { EventOf } from '../../history/events.ts';
import { plural } from '../../platform/plural.ts';
import { type FindingOf, notReached } from '../check.ts';
import type { RunSoFar } from '../judging/run-so-far.ts';

type Audit = EventOf<'audit'>;

/** Audits that could not be asked: while the machine gave the target its time, and while it did not. */
export interface Unasked {
  count: number;
  starved: number;
  first: Audit | null;
}

export const NONE_UNASKED: Unasked = { count: 0, starved: 0, first: null };

/** `unasked` with one more; of an audit that was answered, as it is. */
export function withAudit(unasked: Unasked, audit: Audit, run: RunSoFar): Unasked {
  if (audit.asked === 'answered') return unasked;
  const wasStarved = run.trusted.wasStarved(audit.askedT, audit.t);
  return {
    count: unasked.count + 1,
    starved: unasked.starved + (wasStarved ? 1 : 0),
    first: unasked.first ?? audit,
  };
}

/** The finding of a check whose questions were not all answered; null when they were. */
export function unaskedFinding(
  { count, starved, first }: Unasked,
  base: Omit<FindingOf, 'verdict' | 'message'>,
): FindingOf | null {
  if (count === 0) return null;
  const items = plural(count, 'item');
  const why = first?.detail ? `: ${first.detail}` : '';
  const message =
    starved === count
      ? `${items} could not be asked for, but only while the machine was too slow to hold it against the target${why}`
      : `${items} could not be asked for${why}`;
  return { ...base, verdict: 'inconclusive', message };
}

/** The finding before anything was audited: of a run that did not get there, or where nothing was promised. */
export function unaudited(run: RunSoFar, limit: FindingOf['limit']): FindingOf {
  if (!run.phases.quiesce || !run.complete) {
    return { ...notReached('quiesce', 'the run ended before the promises were checked'), limit };
  }
  const message = 'nothing was acknowledged, so there was nothing to look for';
  return { verdict: 'inconclusive', phase: 'quiesce', message, measured: null, limit };
}
