/**
 * `every-request-ends`: each request ends, whatever its outcome. An invariant. A request that has not
 * ended counts with its age: a hang is a failure, not a missing sample.
 */

import { type EventOf, type History, phaseAt, runOf } from '../../history/history.ts';
import { formatMs } from '../../platform/duration.ts';
import { type Check, inMs } from '../check.ts';
import { type TrustedTime, trustedTime } from '../trusted-time.ts';

/**
 * The server says that a request ends within `requestMs`; half of that again is granted for the way
 * there and back. A healthy server is far below, since it gives up in time on what does not come.
 */
const LIMIT_PER_REQUEST_MS = 1.5;

export function requestLimitMs(history: History): number {
  return LIMIT_PER_REQUEST_MS * runOf(history).limits.requestMs;
}

export interface RequestAge {
  request: EventOf<'request'>;
  end: EventOf<'request-end'> | null;
  /** Trusted milliseconds from its start to its end, or until now. */
  ageMs: number;
  wallMs: number;
  /** When it ended; of one that has not, now. */
  untilMs: number;
}

/** Every request with its duration or age; given up at the end of the run is the same as not ended. */
export function requestAges(history: History, trusted: TrustedTime): RequestAge[] {
  const ends = new Map(history.of('request-end').map((end) => [end.id, end]));
  return history.of('request').map((request) => {
    const end = ends.get(request.id) ?? null;
    const untilMs = end?.t ?? history.untilMs;
    const ended = end && end.outcome !== 'unknown' ? end : null;
    return {
      request,
      end: ended,
      ageMs: trusted.betweenMs(request.t, untilMs),
      wallMs: untilMs - request.t,
      untilMs,
    };
  });
}

export function everyRequestEnds(): Check {
  return {
    name: 'every-request-ends',
    certain: true,
    judge(history) {
      const limitMs = requestLimitMs(history);
      // To be indexed is not to be answered: how long that takes others-progress and progress judge.
      const ages = requestAges(history, trustedTime(history)).filter(
        ({ request }) => request.operation !== 'indexing',
      );
      const oldest = ages.reduce<RequestAge | null>(
        (a, b) => (a && a.ageMs >= b.ageMs ? a : b),
        null,
      );
      const late = ages.filter(({ ageMs }) => ageMs > limitMs);
      const open = ages.filter(({ end }) => end === null);
      const base = {
        check: 'every-request-ends' as const,
        phase: oldest ? phaseAt(history, oldest.request.t) : null,
        measured: inMs(oldest?.ageMs ?? 0),
        limit: inMs(limitMs),
      };
      if (oldest && late.length > 0) {
        const { operation, subject, id } = oldest.request;
        const what = `${operation}${subject ? ` "${subject}"` : ` ${id}`}`;
        const state = oldest.end
          ? `ended only after ${formatMs(oldest.ageMs)}`
          : `has not ended after ${formatMs(oldest.ageMs)}`;
        const others = late.length > 1 ? `, and ${late.length - 1} more are late` : '';
        return { ...base, verdict: 'fail', message: `${what} ${state}${others}` };
      }
      const untrusted = open.filter(({ wallMs }) => wallMs > limitMs);
      if (history.complete && untrusted.length > 0) {
        const message = `${untrusted.length} requests have not ended, but the machine was too slow to hold it against the target`;
        return { ...base, verdict: 'inconclusive', message };
      }
      return {
        ...base,
        verdict: 'pass',
        message: `${ages.length} requests ended, the longest after ${formatMs(oldest?.ageMs ?? 0)}`,
        suspect: open.some(({ ageMs }) => ageMs > limitMs / 3),
      };
    },
  };
}
