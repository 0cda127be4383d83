/**
 * `close-wait`: a connection that its peer has closed is read and closed in time. Idle pooled connections sit
 * in CLOSE_WAIT harmlessly until they are used again, so it counts only while a request or call that could
 * be on such a connection is open, and after quiesce beyond the allowance of a pool.
 */
import { formatMs } from '../../platform/duration.ts';
import { plural } from '../../platform/plural.ts';
import { type Check, check, type FindingOf, inMs } from '../check.ts';
import type { RunSoFar } from '../judging/run-so-far.ts';
import { requestLimitMs } from '../liveness/every-request-ends.ts';

interface Stretch {
  fromMs: number;
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
      resources(state, { sockets, t }, run) {
        state.sampled = true;
        const waiting = new Map(
          sockets
            .filter(({ state: tcp, peer }) => tcp === 'CLOSE_WAIT' && peer !== 'front')
            .map((each) => [each.peer, each]),
        );
        const isBusy = run.openRequests.values().some(({ leaves }) => !leaves);
        for (const [peer, stretch] of state.since) {
          if (isBusy && waiting.has(peer)) continue;
          keepLongest(state, stretch, t, run);
          state.since.delete(peer);
        }
        if (!isBusy) return;
        for (const [peer, { count, receiveQueueBytes }] of waiting) {
          const fromMs = state.since.get(peer)?.fromMs ?? t;
          state.since.set(peer, { fromMs, peer, count, receiveQueueBytes });
        }
      },
    },
    finding: (state, run) => judgeCloseWait(state, run),
  });
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
