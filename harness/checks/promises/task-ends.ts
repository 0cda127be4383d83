/**
 * `task-ends`: each task that the server has accepted ends in an outcome that its client can see: done,
 * failed or cancelled. A task that dies silently leaves its client waiting for ever.
 */
import type { EventOf } from '../../history/events.ts';
import { formatMs } from '../../platform/duration.ts';
import { plural } from '../../platform/plural.ts';
import { type Check, check, type FindingOf, inMs } from '../check.ts';
import type { RunSoFar } from '../judging/run-so-far.ts';
import { requestLimitMs } from '../liveness/every-request-ends.ts';

interface Aged {
  work: EventOf<'work'>;
  ageMs: number;
}

interface State {
  ended: number;
  oldest: Aged | null;
  givenUp: { work: EventOf<'work'>; untilMs: number }[];
}

export function taskEnds(): Check {
  return check<State>({
    name: 'task-ends',
    conclusive: true,
    needs: ['write', 'done'],
    start: () => ({ ended: 0, oldest: null, givenUp: [] }),
    on: {
      'work-end'(state, { id, outcome, t }, run) {
        const work = run.work(id);
        if (!work) return;
        if (outcome === 'unknown') {
          state.givenUp.push({ work, untilMs: t });
          return;
        }
        state.ended++;
        const ageMs = run.trusted.betweenMs(work.t, t);
        if (ageMs >= (state.oldest?.ageMs ?? 0)) state.oldest = { work, ageMs };
      },
    },
    finding: (state, run) => judgeTasks(state, run),
  });
}

function judgeTasks({ ended, oldest, givenUp }: State, run: RunSoFar): FindingOf {
  const limitMs = requestLimitMs(run.limits);
  const open: Aged[] = [
    ...givenUp,
    ...[...run.openWork.values()].map((work) => ({ work, untilMs: run.nowMs })),
  ].map(({ work, untilMs }) => ({ work, ageMs: run.trusted.betweenMs(work.t, untilMs) }));
  const worst = [...open, ...(oldest ? [oldest] : [])].reduce<Aged | null>(
    (a, b) => (a && a.ageMs >= b.ageMs ? a : b),
    null,
  );
  const base = {
    phase: worst ? run.phaseAt(worst.work.t) : null,
    measured: inMs(worst?.ageMs ?? 0),
    limit: inMs(limitMs),
  };
  if (worst && worst.ageMs > limitMs) {
    const { operation, subject, id } = worst.work;
    const what = subject === null ? `${operation} ${id}` : `${operation} "${subject}"`;
    const state = open.includes(worst)
      ? `has not ended after ${formatMs(worst.ageMs)}, and nothing says why`
      : `ended only after ${formatMs(worst.ageMs)}`;
    return { ...base, verdict: 'fail', message: `the task of ${what} ${state}` };
  }
  if (run.complete && ended + open.length === 0) {
    return { ...base, verdict: 'inconclusive', message: 'no task was followed' };
  }
  const message = `${plural(ended, 'task')} ended, the longest after ${formatMs(worst?.ageMs ?? 0)}`;
  const mayStillFail = open.some(({ ageMs }) => ageMs > limitMs / 3);
  return { ...base, verdict: 'pass', message, mayStillFail };
}
