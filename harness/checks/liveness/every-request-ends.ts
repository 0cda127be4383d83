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

/** The limits that hold for a request: its own, where it has any, else the target's. */
export function limitsOf({ limits }: EventOf<'request'>, run: RunSoFar): Limits {
  return { ...run.limits, ...limits };
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
  /** Late by the clock, in time that the machine did not give to the target. */
  doubtful: number;
  /** The one that was sent first. */
  firstLate: EventOf<'request'> | null;
  /** Of those that have ended, the one that was latest for its limit. */
  worst: AgedRequest | null;
  /** Given up by hanglab: they have not ended. */
  givenUp: { request: EventOf<'request'>; untilMs: number }[];
}

/**
 * A stream is judged by its silences (see `stream-progress`), unless it has a limit of its own. What its
 * client means to leave ends when that does.
 */
export function hasAgeLimit({ operationKind, limits, leaves }: EventOf<'request'>): boolean {
  return !leaves && (operationKind !== 'stream' || limits?.requestMs !== undefined);
}

export function everyRequestEnds(): Check {
  return check<State>({
    name: 'every-request-ends',
    conclusive: true,
    start: () => ({ count: 0, late: 0, doubtful: 0, firstLate: null, worst: null, givenUp: [] }),
    on: {
      'request-end'(state, end, run) {
        const request = run.request(end.id);
        if (!request || !hasAgeLimit(request) || end.outcome === 'left') return;
        if (end.outcome === 'unknown') {
          state.givenUp.push({ request, untilMs: end.t });
          return;
        }
        const ageMs = run.trusted.betweenMs(request.t, end.t);
        state.count++;
        if (lateness({ request, ageMs }, run) > 1) {
          state.late++;
          state.firstLate = earlier(state.firstLate, request);
        } else if (lateness({ request, ageMs: end.t - request.t }, run) > 1) state.doubtful++;
        state.worst = later(state.worst, { request, end, ageMs }, run);
      },
    },
    finding: (state, run) => judgeAges(state, run),
  });
}

/** Its age in multiples of its limit. */
function lateness({ request, ageMs }: Pick<AgedRequest, 'request' | 'ageMs'>, run: RunSoFar) {
  return ageMs / requestLimitMs(limitsOf(request, run));
}

function later(a: AgedRequest | null, b: AgedRequest, run: RunSoFar): AgedRequest {
  return a && lateness(a, run) > lateness(b, run) ? a : b;
}

function judgeAges(state: State, run: RunSoFar): FindingOf {
  const open = [
    ...state.givenUp,
    ...[...run.openRequests.values()]
      .filter(hasAgeLimit)
      .map((request) => ({ request, untilMs: run.nowMs })),
  ].map(({ request, untilMs }) => ({
    request,
    end: null,
    ageMs: run.trusted.betweenMs(request.t, untilMs),
    wallMs: untilMs - request.t,
  }));
  let { worst } = state;
  for (const each of open) worst = later(worst, each, run);
  const lateNow = open.filter((each) => lateness(each, run) > 1);
  const late = state.late + lateNow.length;
  const first = lateNow.map(({ request }) => request).reduce(earlier, state.firstLate);
  const base = {
    phase: worst ? run.phaseAt(worst.request.t) : null,
    measured: inMs(worst?.ageMs ?? 0),
    limit: inMs(requestLimitMs(worst ? limitsOf(worst.request, run) : run.limits)),
  };
  if (worst && late > 0) {
    const ended = worst.end
      ? `ended only after ${formatMs(worst.ageMs)}`
      : `has not ended after ${formatMs(worst.ageMs)}`;
    const others = late > 1 ? `, and ${late - 1} more ${late === 2 ? 'is' : 'are'} late` : '';
    const level = first ? levelText(first, run) : null;
    const since = level ? `; the first of them was sent with ${level}` : '';
    const message = `${nameOf(worst.request)} ${ended}${others}${since}`;
    return { ...base, verdict: 'fail', message };
  }
  const doubtful =
    state.doubtful +
    open.filter(({ request, wallMs }) => lateness({ request, ageMs: wallMs }, run) > 1).length;
  if (run.complete && doubtful > 0) {
    const were = doubtful === 1 ? 'was' : 'were';
    const message = `${plural(doubtful, 'request')} ${were} late, but the machine was too slow to hold it against the target`;
    return { ...base, verdict: 'inconclusive', message };
  }
  return {
    ...base,
    verdict: 'pass',
    message: `${plural(state.count, 'request')} ended, the longest after ${formatMs(worst?.ageMs ?? 0)}`,
    mayStillFail: open.some((each) => lateness(each, run) > 1 / 3),
  };
}

/** Of two requests the one that was sent first. */
export function earlier(a: EventOf<'request'> | null, b: EventOf<'request'>): EventOf<'request'> {
  return a && a.t <= b.t ? a : b;
}

/** What a load had open when the request was sent: `64 silent connections`; null when it was nothing. */
export function levelText({ t }: EventOf<'request'>, run: RunSoFar): string | null {
  const level = run.levelAt(t);
  return level && `${level.count} ${level.what}`;
}

/** A request for a person: its operation and what it is about. */
export function nameOf({ operation, subject, id }: EventOf<'request'>): string {
  return subject === null ? `${operation} ${id}` : `${operation} "${subject}"`;
}
