/**
 * `next-request-succeeds`: after the fault was healed, requests are answered with success. A failure counts only
 * from a request's time after the heal on: what was broken may need that long.
 */
import { z } from 'zod';
import type { EventOf } from '../../history/events.ts';
import { type Duration, toMs } from '../../platform/duration.ts';
import { checkOptions, duration } from '../../platform/options.ts';
import { plural } from '../../platform/plural.ts';
import { type Check, check, type FindingOf, notReached } from '../check.ts';
import type { RunSoFar } from '../judging/run-so-far.ts';
import { nameOf } from './every-request-ends.ts';

interface State {
  succeeded: number;
  failed: { count: number; first: EventOf<'request'>; detail: string } | null;
  starvedFailures: number;
}

export interface NextRequestOptions {
  /** For how long after the heal a failure is excused: as long as a request may take when not given. */
  grace?: Duration;
}

const SHAPE = z.strictObject({ grace: duration.optional() });

export function nextRequestSucceeds(options: NextRequestOptions = {}): Check {
  checkOptions('nextRequestSucceeds', SHAPE, options);
  const { grace } = options;
  return check<State>({
    name: 'next-request-succeeds',
    start: () => ({ succeeded: 0, failed: null, starvedFailures: 0 }),
    on: {
      'request-end'(state, end, run) {
        const request = run.request(end.id);
        const healedMs = run.phases.recovery?.fromMs;
        if (!request || healedMs === undefined || request.t < healedMs) return;
        if (end.outcome === 'ok') state.succeeded++;
        const graceMs = grace === undefined ? run.limits.requestMs : toMs(grace);
        const isInGrace = request.t < healedMs + graceMs;
        if (end.outcome !== 'failed' || isInGrace) return;
        if (run.trusted.wasStarved(request.t, end.t)) state.starvedFailures++;
        else {
          const detail = end.detail ?? 'no detail';
          const { count = 0, first = request, detail: known = detail } = state.failed ?? {};
          state.failed = { count: count + 1, first, detail: known };
        }
      },
    },
    finding: (state, run) => judgeNext(state, run),
  });
}

function judgeNext({ succeeded, failed, starvedFailures }: State, run: RunSoFar): FindingOf {
  const limit = { value: 0, unit: 'failed requests' };
  if (run.phases.recovery === undefined) {
    return { ...notReached('recovery', 'the run ended before the fault was healed'), limit };
  }
  const measured = { value: failed?.count ?? 0, unit: 'failed requests' };
  const base = { phase: 'recovery' as const, limit, measured };
  if (failed) {
    const message = `${plural(failed.count, 'request')} sent after recovery failed; the first, ${nameOf(failed.first)}: ${failed.detail}`;
    return { ...base, verdict: 'fail', message };
  }
  if (starvedFailures > 0) {
    const message = `${plural(starvedFailures, 'request')} sent after recovery failed, but only while the machine was too slow to hold it against the target`;
    return { ...base, verdict: 'inconclusive', message };
  }
  if (succeeded === 0) {
    const message = 'no request that was sent after the heal was answered with success';
    return { ...base, verdict: 'inconclusive', message };
  }
  const message =
    succeeded === 1
      ? 'the request after recovery succeeded'
      : `all ${succeeded} requests after recovery succeeded`;
  return { ...base, verdict: 'pass', message };
}
