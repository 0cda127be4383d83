/**
 * Requests wait for something that may still come, and are younger than the limit that was given: a model call of six
 * seconds, a long poll and a hang look alike until then.
 */
import type { Holder } from '../../diagnosis.ts';
import type { Resolver } from '../../facts/await-facts.ts';
import { seconds } from '../../wording/numbers.ts';
import { loopState } from '../loop/loop-state.ts';
import type { Case, Rule } from '../rule.ts';
import { type AwaitCase, awaitCase } from './await-case.ts';
import { stuckVerdict, wantedFor } from './stuck.ts';

/** Kinds of what may end a wait from outside the program's own functions. */
const MAY_COME: ReadonlySet<Resolver['kind']> = new Set(['timer', 'socket', 'native', 'event']);
/** Structure that nothing from outside ends, whatever else it waits for. */
const NEVER_ENDS = new Set(['deadlock', 'abandoned-lock', 'body-unread', 'half-closed']);

export const waiting: Rule = {
  codes: ['waiting'],
  judge(subject) {
    const limitMs = subject.asked.requestLimitMs ?? subject.hints.requestLimitMs;
    const awaits = awaitCase(subject);
    if (limitMs === undefined || !awaits?.verdict || isKnownLate(subject, limitMs)) return null;
    const { resolvers } = awaits.verdict;
    const mayCome = resolvers.length > 0 && resolvers.every(({ kind }) => MAY_COME.has(kind));
    const oldestMs = oldestOf(awaits);
    if (!mayCome || (oldestMs !== null && oldestMs >= limitMs)) return null;
    const verdict = stuckVerdict(subject, awaits);
    if (!verdict || NEVER_ENDS.has(verdict.code)) return null;
    const wants = wantedFor(awaits);
    return {
      verdict: {
        ...verdict,
        code: 'waiting',
        isDecided: false,
        sentence: `${verdict.sentence?.replace(/\.$/, '')}: it may still come. ${decides(oldestMs, limitMs, verdict.holder)}`,
      },
      ...(wants && { wants }),
    };
  },
};

/** The run has found that something is late, or the health path itself waits: then waiting proves nothing. */
function isKnownLate(subject: Case, limitMs: number): boolean {
  const { healthFailed, progressFlatMs, lateWorkMs, requestsInFlight = [] } = subject.hints;
  return (
    !loopState(subject).turns ||
    Boolean(healthFailed || progressFlatMs || lateWorkMs) ||
    requestsInFlight.some(({ ageMs }) => ageMs >= limitMs)
  );
}

/** How long ago the client of the oldest request last sent a byte; null when no age is known. */
function oldestOf({ agesMs, verdict }: AwaitCase): number | null {
  const ages = verdict?.where.flatMap(({ ageMs }) => ageMs ?? []) ?? [];
  return ages.length > 0 ? Math.max(...ages) : Math.max(-1, ...agesMs.values()) < 0 ? null : 0;
}

function decides(oldestMs: number | null, limitMs: number, holder?: Holder | null): string {
  const who = holder?.kind === 'nobody' || !holder ? '' : ` (${holder.kind})`;
  if (oldestMs === null) return `How old the requests are is not known${who}: look again later.`;
  const leftMs = Math.max(0, limitMs - oldestMs);
  return `The oldest request is ${seconds(oldestMs)} old, its limit is ${seconds(limitMs)}: look again in ${seconds(leftMs)}.`;
}
