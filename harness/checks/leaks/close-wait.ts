/**
 * `close-wait`: a connection that its peer has closed is read and closed in time. Idle pooled connections sit
 * in CLOSE_WAIT harmlessly until they are used again, so it counts only while one and the same request, which
 * could be waiting on such a connection, is open all the time.
 */
import { formatMs } from '../../platform/duration.ts';
import { plural } from '../../platform/plural.ts';
import { type Check, check, type FindingOf, inMs } from '../check.ts';
import type { RunSoFar } from '../judging/run-so-far.ts';
import { hasAgeLimit, requestLimitMs } from '../liveness/every-request-ends.ts';

interface Stretch {
  fromMs: number;
  /** Requests that have been open since then. */
  requests: ReadonlySet<number>;
  peer: string;
  count: number;
  receiveQueueBytes: number;
}

interface State {
  sampled: boolean;
  /** By peer: since when there have been closed connections while a request was open. */
  since: Map<string, Stretch>;
  longest: (Stretch & { trustedMs: number }) | null;
}

export function closeWait(): Check {
  return check<State>({
    name: 'close-wait',
    start: () => ({ sampled: false, since: new Map(), longest: null }),
    on: {
      'request-progress'(state, { id }) {
        // What moves does not wait.
        for (const [peer, stretch] of state.since) {
          const requests = stretch.requests.difference(new Set([id]));
          if (requests.size < stretch.requests.size)
            state.since.set(peer, { ...stretch, requests });
        }
      },
      resources(state, { sockets, t }, run) {
        state.sampled = true;
        const waiting = new Map(
          sockets
            .filter(({ state: tcp, peer }) => tcp === 'CLOSE_WAIT' && peer !== 'front')
            .map((each) => [each.peer, each]),
        );
        const open = openThen(run);
        for (const [peer, stretch] of state.since) {
          const requests = stretch.requests.intersection(open);
          if (waiting.has(peer) && requests.size > 0) {
            state.since.set(peer, { ...stretch, requests });
            continue;
          }
          keepLongest(state, stretch, t, run);
          state.since.delete(peer);
        }
        if (open.size === 0) return;
        for (const [peer, { count, receiveQueueBytes }] of waiting) {
          const { fromMs, requests } = state.since.get(peer) ?? { fromMs: t, requests: open };
          state.since.set(peer, { fromMs, requests, peer, count, receiveQueueBytes });
        }
      },
    },
    finding: (state, run) => judgeCloseWait(state, run),
  });
}

/** Requests that may wait for something; of streams not those that may be silent for longer than that. */
function openThen({ openRequests, limits }: RunSoFar): Set<number> {
  const waiting = openRequests.values().filter((request) => {
    if (request.leaves) return false;
    return hasAgeLimit(request) || (request.limits?.idleMs ?? 0) <= limits.requestMs;
  });
  return new Set(waiting.map(({ id }) => id));
}

function keepLongest(state: State, stretch: Stretch, toMs: number, run: RunSoFar): void {
  const trustedMs = run.trusted.betweenMs(stretch.fromMs, toMs);
  if (trustedMs > (state.longest?.trustedMs ?? 0)) state.longest = { ...stretch, trustedMs };
}

function judgeCloseWait(state: State, run: RunSoFar): FindingOf {
  const limitMs = requestLimitMs(run.limits);
  const open = [...state.since.values()].map((stretch) => ({
    ...stretch,
    trustedMs: run.trusted.betweenMs(stretch.fromMs, run.nowMs),
  }));
  const longest = [...open, ...(state.longest ? [state.longest] : [])].reduce<State['longest']>(
    (a, b) => (a && a.trustedMs >= b.trustedMs ? a : b),
    null,
  );
  const base = {
    phase: longest ? run.phaseAt(longest.fromMs) : null,
    measured: inMs(longest?.trustedMs ?? 0),
    limit: inMs(limitMs),
  };
  if (longest && longest.trustedMs > limitMs) {
    const { count, peer, receiveQueueBytes } = longest;
    const unread = receiveQueueBytes > 0 ? `, ${receiveQueueBytes} bytes unread` : '';
    const message = `${plural(count, 'connection')} that ${peer} had closed ${count === 1 ? 'was' : 'were'} neither read nor closed for ${formatMs(longest.trustedMs)} while requests waited${unread}`;
    return { ...base, verdict: 'fail', message };
  }
  if (run.complete && !state.sampled) {
    return { ...base, verdict: 'inconclusive', message: 'the sockets were never sampled' };
  }
  const message = longest
    ? `closed connections were let go of within ${formatMs(longest.trustedMs)}`
    : 'no connection stayed in CLOSE_WAIT while a request waited';
  return { ...base, verdict: 'pass', message, mayStillFail: open.length > 0 };
}
