/**
 * `every-request-ends`: each request ends, whatever its outcome. An invariant. A request that has not
 * ended counts with its age: a hang is a failure, not a missing sample.
 */
import type { EventOf, Limits } from '../../history/events.ts';
import { formatMs } from '../../platform/duration.ts';
import { plural } from '../../platform/plural.ts';
import { type Check, check, type FindingOf, inMs } from '../check.ts';
import type { RunSoFar } from '../judging/run-so-far.ts';

/**
 * The server says that a request ends within `requestMs`; half of that again is granted for the way
 * there and back. A healthy server is far below, since it gives up in time on what does not come.
 */
const LIMIT_PER_REQUEST_MS = 1.5;

export function requestLimitMs({ requestMs }: Limits): number {
  return LIMIT_PER_REQUEST_MS * requestMs;
}

/** A request with its age in trusted time: up to its end, or up to now. */
export interface AgedRequest {
  request: EventOf<'request'>;
  end: EventOf<'request-end'> | null;
  ageMs: number;
}

interface State {
  count: number;
  late: number;
  /** The oldest of those that have ended. */
  oldest: AgedRequest | null;
  /** Given up by hanglab: they have not ended. */
  givenUp: { request: EventOf<'request'>; untilMs: number }[];
}

/** Requests whose age has no end of its own are judged by their silences: see `stream-progress`. */
const isJudged = ({ operationKind }: EventOf<'request'>): boolean => operationKind !== 'stream';

export function everyRequestEnds(): Check {
  return check<State>({
    name: 'every-request-ends',
    conclusive: true,
    start: () => ({ count: 0, late: 0, oldest: null, givenUp: [] }),
    on: {
      'request-end'(state, end, run) {
        const request = run.request(end.id);
        if (!request || !isJudged(request) || end.outcome === 'left') return;
        if (end.outcome === 'unknown') {
          state.givenUp.push({ request, untilMs: end.t });
          return;
        }
        const ageMs = run.trusted.betweenMs(request.t, end.t);
        state.count++;
        if (ageMs > requestLimitMs(run.limits)) state.late++;
        if (ageMs >= (state.oldest?.ageMs ?? 0)) state.oldest = { request, end, ageMs };
      },
    },
    finding: (state, run) => judgeAges(state, run),
  });
}

function judgeAges(state: State, run: RunSoFar): FindingOf {
  const limitMs = requestLimitMs(run.limits);
  const open = [
    ...state.givenUp,
    ...[...run.openRequests.values()]
      .filter(isJudged)
      .map((request) => ({ request, untilMs: run.nowMs })),
  ].map(({ request, untilMs }) => ({
    request,
    end: null,
    ageMs: run.trusted.betweenMs(request.t, untilMs),
    wallMs: untilMs - request.t,
  }));
  const oldest = [...open, ...(state.oldest ? [state.oldest] : [])].reduce<AgedRequest | null>(
    (a, b) => (a && a.ageMs >= b.ageMs ? a : b),
    null,
  );
  const late = state.late + open.filter(({ ageMs }) => ageMs > limitMs).length;
  const base = {
    phase: oldest ? run.phaseAt(oldest.request.t) : null,
    measured: inMs(oldest?.ageMs ?? 0),
    limit: inMs(limitMs),
  };
  if (oldest && late > 0) {
    const ended = oldest.end
      ? `ended only after ${formatMs(oldest.ageMs)}`
      : `has not ended after ${formatMs(oldest.ageMs)}`;
    const others = late > 1 ? `, and ${late - 1} more ${late === 2 ? 'is' : 'are'} late` : '';
    return { ...base, verdict: 'fail', message: `${nameOf(oldest.request)} ${ended}${others}` };
  }
  const untrusted = open.filter(({ wallMs }) => wallMs > limitMs);
  if (run.complete && untrusted.length > 0) {
    const have = untrusted.length === 1 ? 'has' : 'have';
    const message = `${plural(untrusted.length, 'request')} ${have} not ended, but the machine was too slow to hold it against the target`;
    return { ...base, verdict: 'inconclusive', message };
  }
  return {
    ...base,
    verdict: 'pass',
    message: `${plural(state.count, 'request')} ended, the longest after ${formatMs(oldest?.ageMs ?? 0)}`,
    mayStillFail: open.some(({ ageMs }) => ageMs > limitMs / 3),
  };
}

/** A request for a person: its operation and what it is about. */
export function nameOf({ operation, subject, id }: EventOf<'request'>): string {
  return subject === null ? `${operation} ${id}` : `${operation} "${subject}"`;
}
