/**
 * `upstream-let-go`: when a client has left, the server ends what it was doing for it at its upstream. A model
 * that goes on generating for nobody costs money, and holds a place that others wait for.
 */

import { z } from 'zod';
import type { EventOf } from '../../history/events.ts';
import { formatMs } from '../../platform/duration.ts';
import { checkOptions, count } from '../../platform/options.ts';
import { plural } from '../../platform/plural.ts';
import { type Check, check, type FindingOf, inMs } from '../check.ts';
import type { RunSoFar, UpstreamCall } from '../judging/run-so-far.ts';
import { nameOf } from '../liveness/every-request-ends.ts';

interface Kept {
  request: EventOf<'request'>;
  keptMs: number;
}

interface State {
  /** When the client of each subject left. */
  left: Map<string, { request: EventOf<'request'>; t: number }>;
  ended: number;
  longest: Kept | null;
}

const SHAPE = z.strictObject({ withinMs: count.optional() });

/** `withinMs`: how long the server may take to notice; two seconds when not given. */
export function upstreamLetGo(options: { withinMs?: number } = {}): Check {
  checkOptions('upstreamLetGo', SHAPE, options);
  const { withinMs = 2000 } = options;
  return check<State>({
    name: 'upstream-let-go',
    needs: ['chat'],
    start: () => ({ left: new Map(), ended: 0, longest: null }),
    on: {
      'request-end'(state, { id, outcome, t }, run) {
        const request = run.request(id);
        if (outcome === 'left' && request?.subject) state.left.set(request.subject, { request, t });
      },
      'model-end'(state, { id, t }, run) {
        const call = run.upstreamCall(id);
        const left = call && leftOf(state, call);
        if (!left) return;
        const keptMs = run.trusted.betweenMs(left.t, t);
        state.ended++;
        if (keptMs >= (state.longest?.keptMs ?? 0)) {
          state.longest = { request: left.request, keptMs };
        }
      },
    },
    finding: (state, run) => judgeLetGo(state, run, withinMs),
  });
}

/** Of a call that had begun when its client left. */
function leftOf(
  { left }: State,
  { subject, t }: UpstreamCall,
): { request: EventOf<'request'>; t: number } | null {
  const found = subject === null ? undefined : left.get(subject);
  return found && found.t >= t ? found : null;
}

function judgeLetGo(state: State, run: RunSoFar, withinMs: number): FindingOf {
  const open = [...run.upstreamCalls.values()].flatMap((call) => {
    const left = leftOf(state, call);
    return left
      ? [{ request: left.request, keptMs: run.trusted.betweenMs(left.t, run.nowMs) }]
      : [];
  });
  const longest = [...open, ...(state.longest ? [state.longest] : [])].reduce<Kept | null>(
    (a, b) => (a && a.keptMs >= b.keptMs ? a : b),
    null,
  );
  const base = {
    phase: longest ? run.phaseAt(longest.request.t) : null,
    measured: inMs(longest?.keptMs ?? 0),
    limit: inMs(withinMs),
  };
  if (longest && longest.keptMs > withinMs) {
    const late = open.filter(({ keptMs }) => keptMs > withinMs).length;
    const still = late > 0 ? `; ${plural(late, 'call')} still open` : '';
    const message = `the call for ${nameOf(longest.request)} went on for ${formatMs(longest.keptMs)} after its client had left${still}`;
    return { ...base, verdict: 'fail', message };
  }
  if (run.complete && state.ended + open.length === 0) {
    const message =
      state.left.size === 0
        ? 'no client left'
        : 'no call was open at the model when its client left';
    return { ...base, verdict: 'inconclusive', message };
  }
  const message = `${plural(state.ended, 'call')} ended within ${formatMs(longest?.keptMs ?? 0)} after its client had left`;
  return { ...base, verdict: 'pass', message, mayStillFail: open.length > 0 };
}
