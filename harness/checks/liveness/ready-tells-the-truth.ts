/**
 * `ready-tells-the-truth`: while the server is stuck (a write or all accepted work beyond its limit, or work
 * that it has given up), its readiness endpoint may not go on saying yes: an orchestrator would keep sending
 * it traffic.
 */
import type { EventOf } from '../../history/events.ts';
import { formatMs } from '../../platform/duration.ts';
import { plural } from '../../platform/plural.ts';
import { type Check, check, type FindingOf, inMs } from '../check.ts';
import type { RunSoFar } from '../judging/run-so-far.ts';
import { nameOf, requestLimitMs } from './every-request-ends.ts';
import { StandstillFold } from './standstills.ts';

/** A time in which the server was stuck. */
interface Stuck {
  fromMs: number;
  why: string;
  /** Readiness was asked at least once in it. */
  sampled: boolean;
  /** When it first said no, null while it has not. */
  admittedT: number | null;
}

interface State {
  standstills: StandstillFold;
  givenUp: { fromMs: number; count: number } | null;
  sampled: boolean;
  /** What is stuck now, by what it is: a request's id, the standstill, given-up work. */
  stuck: Map<string, Stuck>;
  /** Of those that are over: the longest time that readiness went on saying yes. */
  worst: { greenMs: number; stuck: Stuck } | null;
}

export function readyTellsTheTruth(): Check {
  return check<State>({
    name: 'ready-tells-the-truth',
    needs: ['readiness', 'write'],
    start: () => ({
      standstills: new StandstillFold(),
      givenUp: null,
      sampled: false,
      stuck: new Map(),
      worst: null,
    }),
    on: {
      request: ({ standstills }, event, run) => standstills.onRequest(event, run),
      'request-end'(state, event, run) {
        state.standstills.onRequestEnd(event, run);
        close(state, `request ${event.id}`, event.t, run);
        closeStandstill(state, event.t, run);
      },
      progress(state, event, run) {
        state.standstills.onProgress(event, run);
        closeStandstill(state, event.t, run);
        const count = event.progress?.givenUp ?? 0;
        if (count > 0) state.givenUp ??= { fromMs: event.t, count };
        else if (event.progress) {
          state.givenUp = null;
          close(state, 'given up', event.t, run);
        }
      },
      ready: (state, event, run) => onReady(state, event, run),
    },
    finding: (state, run) => judgeReady(state, run),
  });
}

function onReady(state: State, event: EventOf<'ready'>, run: RunSoFar): void {
  state.sampled = true;
  // An unanswered probe is as good as a no: an orchestrator takes it for one. One for which the machine
  // gave no time, or in which hanglab inspected the target, says nothing.
  const isCounted =
    event.status !== null || !run.trusted.wasStarved(event.t - event.latencyMs, event.t);
  if (!isCounted) return;
  for (const [key, { fromMs, why }] of stuckNow(state, run)) {
    if (event.t < fromMs) continue;
    const known = state.stuck.get(key);
    const admittedT = known?.admittedT ?? (event.good ? null : event.t);
    state.stuck.set(key, { fromMs, why: known?.why ?? why, sampled: true, admittedT });
  }
}

/** Everything that is beyond its limit at this instant. */
function stuckNow(state: State, run: RunSoFar): Map<string, { fromMs: number; why: string }> {
  const limitMs = requestLimitMs(run.limits);
  const found = new Map<string, { fromMs: number; why: string }>();
  for (const request of run.openRequests.values()) {
    const isLate = run.trusted.betweenMs(request.t, run.nowMs) > limitMs;
    if (request.operationKind !== 'write' || !isLate) continue;
    const why = `${nameOf(request)} was beyond its limit`;
    found.set(`request ${request.id}`, { fromMs: request.t + limitMs, why });
  }
  const standstill = state.standstills.current(run);
  if (standstill && standstill.trustedMs > limitMs) {
    const fromMs = standstill.fromMs + limitMs;
    found.set('standstill', { fromMs, why: 'accepted work stood still' });
  }
  if (state.givenUp) {
    const { fromMs, count } = state.givenUp;
    const why = `${plural(count, 'accepted item')} had been given up`;
    found.set('given up', { fromMs, why });
  }
  return found;
}

function closeStandstill(state: State, t: number, run: RunSoFar): void {
  const since = state.standstills.current(run)?.fromMs;
  const known = state.stuck.get('standstill');
  // The standstill that was stuck is over when none goes on, or a younger one.
  if (known && (since === undefined || since > known.fromMs)) close(state, 'standstill', t, run);
}

function close(state: State, key: string, toMs: number, run: RunSoFar): void {
  const stuck = state.stuck.get(key);
  if (!stuck) return;
  state.stuck.delete(key);
  const greenMs = run.trusted.betweenMs(stuck.fromMs, stuck.admittedT ?? toMs);
  if (greenMs >= (state.worst?.greenMs ?? 0)) state.worst = { greenMs, stuck };
}

function judgeReady(state: State, run: RunSoFar): FindingOf {
  const limitMs = run.limits.requestMs;
  const open = [...state.stuck.values()].map((stuck) => ({
    stuck,
    greenMs: run.trusted.betweenMs(stuck.fromMs, stuck.admittedT ?? run.nowMs),
  }));
  const worst = [...open, ...(state.worst ? [state.worst] : [])].reduce<State['worst']>(
    (a, b) => (a && a.greenMs >= b.greenMs ? a : b),
    null,
  );
  const base = {
    phase: worst ? run.phaseAt(worst.stuck.fromMs) : null,
    measured: inMs(worst?.greenMs ?? 0),
    limit: inMs(limitMs),
  };
  if (worst && worst.greenMs > limitMs) {
    const message = `readiness stayed green for ${formatMs(worst.greenMs)} while ${worst.stuck.why}`;
    return { ...base, verdict: 'fail', message };
  }
  if (run.complete && !state.sampled) {
    return { ...base, verdict: 'inconclusive', message: 'readiness was never probed' };
  }
  const inDoubt = [...stuckNow(state, run).keys()].some(
    (key) => (state.stuck.get(key)?.admittedT ?? null) === null,
  );
  return { ...base, verdict: 'pass', message: passText(worst), mayStillFail: inDoubt };
}

function passText(worst: State['worst']): string {
  if (!worst) return 'never stuck, so readiness had nothing to admit';
  const { greenMs, stuck } = worst;
  return stuck.admittedT === null
    ? `readiness stayed green for ${formatMs(greenMs)} only while ${stuck.why}`
    : `readiness turned not-ready ${formatMs(greenMs)} after ${stuck.why}`;
}
