/**
 * `upstream-let-go`: when a client has left, the server ends what it was doing for it at its upstream. A model
 * that goes on generating for nobody costs money, and holds a place that others wait for. Where a scenario asks for
 * it, the same holds for what has been answered without waiting for that call.
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

const SHAPE = z.strictObject({
  withinMs: count.optional(),
  afterAnswer: z.boolean().optional(),
});

/** Work that is left to the background has this time, in limits of a request. */
const BACKGROUND_LIMITS = 2;

export interface LetGoOptions {
  /**
   * How long the server may take to notice: two seconds when not given, after an answer twice as long as a request may
   * take.
   */
  withinMs?: number;
  /** Calls for requests that have been answered have to end as well. */
  afterAnswer?: boolean;
}

export function upstreamLetGo(options: LetGoOptions = {}): Check {
  checkOptions('upstreamLetGo', SHAPE, options);
  const { withinMs, afterAnswer = false } = options;
  return check<State>({
    name: 'upstream-let-go',
    needs: ['chat'],
    start: () => ({ left: new Map(), ended: 0, longest: null }),
    on: {
      'request-end'(state, { id, outcome, t }, run) {
        const request = run.request(id);
        if (!request?.subject || (outcome !== 'left' && !afterAnswer)) return;
        state.left.set(request.subject, { request, t });
      },
      'model-end'(state, { id, t }, run) {
        const call = run.upstreamCall(id);
        const left = call && leftOf(state, call, afterAnswer);
        if (!left) return;
        const keptMs = run.trusted.betweenMs(left.t, t);
        state.ended++;
        if (keptMs >= (state.longest?.keptMs ?? 0)) {
          state.longest = { request: left.request, keptMs };
        }
      },
    },
    finding: (state, run) => {
      const backgroundMs = BACKGROUND_LIMITS * run.limits.requestMs;
      return judgeLetGo(state, run, withinMs ?? (afterAnswer ? backgroundMs : 2000), afterAnswer);
    },
  });
}

/** Of a call that had begun when its client left, or whose client had been answered. */
function leftOf(
  { left }: State,
  { subject, t }: UpstreamCall,
  afterAnswer: boolean,
): { request: EventOf<'request'>; t: number } | null {
  const found = subject === null ? undefined : left.get(subject);
  if (!found) return null;
  if (found.t >= t) return found;
  // What is begun after the answer, as work for the background, counts from its begin.
  return afterAnswer ? { request: found.request, t } : null;
}

function judgeLetGo(
  state: State,
  run: RunSoFar,
  withinMs: number,
  afterAnswer: boolean,
): FindingOf {
  const open = [...run.upstreamCalls.values()].flatMap((call) => {
    const left = leftOf(state, call, afterAnswer);
    return left
      ? [{ request: left.request, keptMs: run.trusted.betweenMs(left.t, run.nowMs) }]
      : [];
  });
  const longest = [...open, ...(state.longest ? [state.longest] : [])].reduce<Kept | null>(
    (a, b) => (a && a.keptMs >= b.keptMs ? a : b),
    null,
  );
  const gone = afterAnswer ? 'left or been answered' : 'left';
  const base = {
    phase: longest ? run.phaseAt(longest.request.t) : null,
    measured: inMs(longest?.keptMs ?? 0),
    limit: inMs(withinMs),
  };
  if (longest && longest.keptMs > withinMs) {
    const late = open.filter(({ keptMs }) => keptMs > withinMs).length;
    const still = late > 0 ? `; ${plural(late, 'call')} still open` : '';
    const message = `the call for ${nameOf(longest.request)} went on for ${formatMs(longest.keptMs)} after its client had ${gone}${still}`;
    return { ...base, verdict: 'fail', message };
  }
  if (run.complete && state.ended + open.length === 0) {
    const message =
      state.left.size === 0
        ? 'no client left'
        : 'no call was open at the model when its client left';
    return { ...base, verdict: 'inconclusive', message };
  }
  const message = `${plural(state.ended, 'call')} ended within ${formatMs(longest?.keptMs ?? 0)} after its client had ${gone}`;
  return { ...base, verdict: 'pass', message, mayStillFail: open.length > 0 };
}
