/**
 * `progress-resumes`: when the fault is gone, work is done again within the declared limits: something new
 * at all, and each item that was waited for when the fault was healed.
 */
import type { EventOf } from '../../history/events.ts';
import { formatMs } from '../../platform/duration.ts';
import { type Check, check, type FindingOf, inMs, notReached } from '../check.ts';
import type { RunSoFar } from '../judging/run-so-far.ts';
import { requestLimitMs } from './every-request-ends.ts';

interface State {
  /** How much was done by the last sample before the fault was healed. */
  doneBefore: number;
  resumedT: number | null;
  /** Work that was open when the fault was healed and has ended since: the last one. */
  lastEnd: { work: EventOf<'work'>; t: number } | null;
  /** Given up by hanglab. */
  unfinished: EventOf<'work'> | null;
  /** From the fault on a write was accepted, or the target told of open work. */
  hadWork: boolean;
}

export function progressResumes(): Check {
  return check<State>({
    name: 'progress-resumes',
    needs: ['progress', 'write'],
    start: () => ({
      doneBefore: 0,
      resumedT: null,
      lastEnd: null,
      unfinished: null,
      hadWork: false,
    }),
    on: {
      'request-end'(state, { id, outcome }, run) {
        const isWrite = run.request(id)?.operationKind === 'write';
        state.hadWork ||= isWrite && outcome === 'ok' && run.phases.fault !== undefined;
      },
      progress(state, { progress, t }, run) {
        if (progress === null) return;
        state.hadWork ||= progress.open > 0 && run.phases.fault !== undefined;
        const healedMs = run.phases.recovery?.fromMs;
        if (healedMs === undefined || t <= healedMs) state.doneBefore = progress.done;
        else if (progress.done > state.doneBefore) state.resumedT ??= t;
      },
      'work-end'(state, { id, outcome, t }, run) {
        const work = run.work(id);
        const healedMs = run.phases.recovery?.fromMs;
        if (!work || healedMs === undefined || work.t >= healedMs) return;
        if (outcome === 'unknown') state.unfinished ??= work;
        else state.lastEnd = { work, t };
      },
    },
    finding: (state, run) => judgeResumed(state, run),
  });
}

function judgeResumed(state: State, run: RunSoFar): FindingOf {
  const limitMs = requestLimitMs(run.limits);
  const healedMs = run.phases.recovery?.fromMs;
  if (healedMs === undefined) {
    return notReached('recovery', 'the run ended before the fault was healed');
  }
  const open = state.unfinished ?? [...run.openWork.values()].find(({ t }) => t < healedMs) ?? null;
  const { resumedT, lastEnd } = state;
  if (resumedT === null && !open && !state.hadWork) {
    return notReached('recovery', 'there was no work to do since the fault was injected');
  }
  const lastMs = open ? run.nowMs : Math.max(resumedT ?? run.nowMs, lastEnd?.t ?? 0);
  const measuredMs = run.trusted.betweenMs(healedMs, lastMs);
  const base = { phase: 'recovery' as const, limit: inMs(limitMs), measured: inMs(measuredMs) };
  const after = formatMs(measuredMs);
  if (measuredMs > limitMs && resumedT !== null && open) {
    const what = open.subject === null ? open.operation : `"${open.subject}"`;
    const message = `${what}, accepted before the fault was healed, is not done ${after} after it`;
    return { ...base, verdict: 'fail', message };
  }
  if (measuredMs > limitMs) {
    const message =
      resumedT === null
        ? `no work has been done in the ${after} since the fault was healed`
        : `work was done again only ${after} after the fault was healed`;
    return { ...base, verdict: 'fail', message };
  }
  if (resumedT === null) {
    const message = `no work was done after the fault was healed, but it was watched for ${after} only`;
    return { ...base, verdict: 'inconclusive', message };
  }
  const message = `work was done again ${after} after the fault was healed`;
  return { ...base, verdict: 'pass', message };
}
