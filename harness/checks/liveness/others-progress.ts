/**
 * `others-progress`: requests that the fault does not touch keep their limits: they end in time, and with
 * success. Which ones those are the load says (group `others`).
 */
import type { EventOf } from '../../history/events.ts';
import { formatMs } from '../../platform/duration.ts';
import { plural } from '../../platform/plural.ts';
import { type Check, check, type FindingOf, inMs, notReached } from '../check.ts';
import type { RunSoFar } from '../judging/run-so-far.ts';
import {
  type AgedRequest,
  earlier,
  hasAgeLimit,
  levelText,
  limitsOf,
  nameOf,
} from './every-request-ends.ts';

interface State {
  count: number;
  slowest: AgedRequest | null;
  /** Of those that were too late, the one that was sent first. */
  firstLate: EventOf<'request'> | null;
  /** Refused while the target had its cores; and while it had not. */
  failed: { count: number; first: AgedRequest } | null;
  starvedRefusals: number;
  /** Late by the clock, in time that the machine did not give to the target. */
  doubtful: number;
  /** Given up by hanglab, with the age at which that was. */
  givenUp: AgedRequest[];
}

/** Of the work that bystanders had accepted: judged like a request. */
type Item = EventOf<'request'> | EventOf<'work'>;

const isBystander = ({ group }: Item): boolean => group === 'others';

export function othersProgress(): Check {
  return check<State>({
    name: 'others-progress',
    conclusive: true,
    needs: ['bystander'],
    start: () => ({
      count: 0,
      slowest: null,
      firstLate: null,
      failed: null,
      starvedRefusals: 0,
      doubtful: 0,
      givenUp: [],
    }),
    on: {
      'request-end'(state, end, run) {
        const request = run.request(end.id);
        if (request) ended(state, request, end, run);
      },
      'work-end'(state, end, run) {
        const work = run.work(end.id);
        if (work) ended(state, asRequest(work), asEnd(end), run);
      },
    },
    finding: (state, run) => judgeOthers(state, run),
  });
}

function ended(
  state: State,
  request: EventOf<'request'>,
  end: EventOf<'request-end'>,
  run: RunSoFar,
): void {
  if (!isBystander(request) || run.phaseAt(request.t) === 'warmup' || end.outcome === 'left')
    return;
  const aged = { request, end, ageMs: run.trusted.betweenMs(request.t, end.t) };
  state.count++;
  if (end.outcome === 'unknown') {
    state.givenUp.push({ ...aged, end: null });
    return;
  }
  if (lateness(aged, run) > 1) state.firstLate = earlier(state.firstLate, request);
  else if (lateness({ ...aged, ageMs: end.t - request.t }, run) > 1) state.doubtful++;
  if (lateness(aged, run) >= (state.slowest ? lateness(state.slowest, run) : 0)) {
    state.slowest = aged;
  }
  if (end.outcome !== 'failed') return;
  if (run.trusted.wasStarved(request.t, end.t)) state.starvedRefusals++;
  else state.failed = { count: (state.failed?.count ?? 0) + 1, first: state.failed?.first ?? aged };
}

function limitOf(request: EventOf<'request'>, run: RunSoFar): number {
  return limitsOf(request, run).requestMs;
}

/** Its age in multiples of its limit. */
function lateness({ request, ageMs }: AgedRequest, run: RunSoFar): number {
  return hasAgeLimit(request) ? ageMs / limitOf(request, run) : 0;
}

function judgeOthers(state: State, run: RunSoFar): FindingOf {
  const open = [...run.openRequests.values(), ...[...run.openWork.values()].map(asRequest)]
    .filter((request) => isBystander(request) && run.phaseAt(request.t) !== 'warmup')
    .map((request) => ({
      request,
      end: null,
      ageMs: run.trusted.betweenMs(request.t, run.nowMs),
    }));
  const all = [...open, ...state.givenUp, ...(state.slowest ? [state.slowest] : [])];
  const slowest = all.reduce<AgedRequest | null>(
    (a, b) => (a && lateness(a, run) >= lateness(b, run) ? a : b),
    null,
  );
  const base = {
    phase: slowest ? run.phaseAt(slowest.request.t) : null,
    measured: inMs(slowest?.ageMs ?? 0),
    limit: inMs(slowest ? limitOf(slowest.request, run) : run.limits.requestMs),
  };
  if (state.failed) return refused(state.failed, run);
  if (slowest && lateness(slowest, run) > 1) {
    const took = slowest.end
      ? `took ${formatMs(slowest.ageMs)}`
      : `has not been answered for ${formatMs(slowest.ageMs)}`;
    const late = [...open, ...state.givenUp].filter((each) => lateness(each, run) > 1);
    const first = late.map(({ request }) => request).reduce(earlier, state.firstLate);
    const message = `${nameOf(slowest.request)}, which the fault does not touch, ${took}${withLevel(first, run)}`;
    return { ...base, verdict: 'fail', message };
  }
  const count = state.count + open.length;
  if (run.complete && count === 0) {
    return notReached('fault', 'no read of the target keeps clear of the fault');
  }
  if (state.starvedRefusals > 0) {
    const refusals = plural(state.starvedRefusals, 'request');
    const message = `${refusals} that the fault does not touch failed, but only while the machine was too slow to hold it against the target`;
    return { ...base, verdict: 'inconclusive', message };
  }
  if (run.complete && state.doubtful > 0) {
    const message = `${plural(state.doubtful, 'request')} that the fault does not touch ${state.doubtful === 1 ? 'was' : 'were'} late, but the machine was too slow to hold it against the target`;
    return { ...base, verdict: 'inconclusive', message };
  }
  const were = count === 1 ? 'was' : 'were';
  return {
    ...base,
    verdict: 'pass',
    message: `${plural(count, 'request')} that the fault does not touch ${were} answered, the slowest after ${formatMs(slowest?.ageMs ?? 0)}`,
    mayStillFail: open.some((each) => lateness(each, run) > 1 / 3),
  };
}

function withLevel(first: EventOf<'request'> | null, run: RunSoFar): string {
  const level = first && levelText(first, run);
  return level ? `; the first that was late was sent with ${level}` : '';
}

function refused(
  { count, first }: { count: number; first: AgedRequest },
  run: RunSoFar,
): FindingOf {
  const detail = first.end?.detail ?? `status ${first.end?.status}`;
  const level = levelText(first.request, run);
  const one = `${nameOf(first.request)}${level ? ` (sent with ${level})` : ''}`;
  const which = count === 1 ? one : `the first, ${one}`;
  return {
    verdict: 'fail',
    phase: run.phaseAt(first.request.t),
    measured: { value: count, unit: 'failed requests' },
    limit: { value: 0, unit: 'failed requests' },
    message: `${plural(count, 'request')} that the fault does not touch failed: ${which}: ${detail}`,
  };
}

function asRequest(work: EventOf<'work'>): EventOf<'request'> {
  return { ...work, kind: 'request', operationKind: 'write' };
}

function asEnd({ t, id, outcome, durationMs }: EventOf<'work-end'>): EventOf<'request-end'> {
  return {
    t,
    kind: 'request-end',
    id,
    outcome: outcome === 'unknown' ? 'unknown' : outcome === 'failed' ? 'failed' : 'ok',
    status: null,
    durationMs,
    detail: outcome === 'failed' ? 'the target gave its work up' : null,
    acknowledged: null,
  };
}
