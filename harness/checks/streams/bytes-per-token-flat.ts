/**
 * `bytes-per-token-flat`: what a stream sends for one event does not grow with the length of the answer. A
 * server that sends the whole partial answer with each token grows linearly, and its traffic quadratically.
 */
import type { EventOf } from '../../history/events.ts';
import { type Check, check, type FindingOf } from '../check.ts';
import { nameOf } from '../liveness/every-request-ends.ts';

/** With fewer events there is no beginning and no end to compare. */
const MIN_EVENTS = 200;
/** Numbers in the events get longer, and a last event may carry a summary. */
const MAX_GROWTH = 0.5;

interface Sample {
  bytes: number;
  events: number;
}

interface Course {
  /** The first sample that has a tenth of `MIN_EVENTS`, and the last two far enough apart. */
  first: Sample | null;
  before: Sample | null;
  last: Sample | null;
}

interface State {
  open: Map<number, Course>;
  worst: { request: EventOf<'request'>; growth: number } | null;
  judged: number;
}

export function bytesPerTokenFlat(): Check {
  return check<State>({
    name: 'bytes-per-token-flat',
    needs: ['stream'],
    start: () => ({ open: new Map(), worst: null, judged: 0 }),
    on: {
      'request-progress'(state, { id, bytes, events }) {
        const course = state.open.get(id) ?? { first: null, before: null, last: null };
        state.open.set(id, extended(course, { bytes, events }));
      },
      'request-end'(state, { id, stream }, run) {
        const request = run.request(id);
        const course = state.open.get(id);
        state.open.delete(id);
        if (!request || !course) return;
        const growth = growthOf(stream ? extended(course, stream) : course);
        if (growth === null) return;
        state.judged++;
        if (growth >= (state.worst?.growth ?? 0)) state.worst = { request, growth };
      },
    },
    finding: (state, { complete }) => judgeGrowth(state, complete),
  });
}

function extended({ first, last, before }: Course, sample: Sample): Course {
  if (!first && sample.events < MIN_EVENTS / 10) return { first, before, last };
  if (!first) return { first: sample, before: null, last: sample };
  const isFar = last === null || sample.events - last.events >= MIN_EVENTS / 10;
  return isFar ? { first, before: last, last: sample } : { first, before, last };
}

/** By how much the bytes of an event have grown, in multiples of those at the begin; null when it was too short to tell. */
function growthOf({ first, before, last }: Course): number | null {
  if (!first || !before || !last || last.events < MIN_EVENTS) return null;
  const atBegin = first.bytes / first.events;
  const atEnd = (last.bytes - before.bytes) / (last.events - before.events);
  return Math.max(0, atEnd / atBegin - 1);
}

function judgeGrowth({ worst, judged }: State, complete: boolean): FindingOf {
  const round = (value: number): number => Math.round(value * 100) / 100;
  const growth = round(worst?.growth ?? 0);
  const base = {
    phase: 'fault' as const,
    measured: { value: growth, unit: 'x more' },
    limit: { value: MAX_GROWTH, unit: 'x more' },
  };
  if (worst && worst.growth > MAX_GROWTH) {
    const message = `an event at the end of ${nameOf(worst.request)} takes ${round(growth + 1)} times the bytes of one at its begin`;
    return { ...base, verdict: 'fail', message };
  }
  if (complete && judged === 0) {
    const message = `no stream was long enough to tell: expected at least ${MIN_EVENTS} events`;
    return { ...base, verdict: 'inconclusive', message };
  }
  const message = `events stay as small as they begin: at most ${round(growth + 1)} times the bytes`;
  return { ...base, verdict: 'pass', message };
}
