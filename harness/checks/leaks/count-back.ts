/** How a count after quiesce is held against the same count after warmup: for descriptors, threads, sockets. */

import type { EventOf } from '../../history/events.ts';
import { plural } from '../../platform/plural.ts';
import type { Need } from '../../target/needs.ts';
import { type Check, check, type FindingOf, notReached } from '../check.ts';
import type { CheckId } from '../check-ids.ts';
import type { RunSoFar } from '../judging/run-so-far.ts';

interface State {
  before: number | null;
  after: number | null;
  /** What to look at when it has grown. */
  detail: string;
  operations: number;
}

export interface CountBack {
  name: CheckId;
  unit: string;
  needs?: readonly Need[];
  /** The count in a sample of one of these kinds; null when this sample does not tell. */
  in: {
    process?: (sample: EventOf<'process'>) => number | null;
    resources?: (sample: EventOf<'resources'>) => number | null;
    tasks?: (sample: EventOf<'tasks'>) => number | null;
  };
  /** What to look at when it has grown, from the last full sample. */
  detail?: (sample: EventOf<'resources'>) => string;
}

/**
 * What may have grown without being a leak: a pool that filled, a log that rotated. Leaking loads are sized to
 * leak at least five times this (a tenth of the requests, from 4 on).
 */
export function allowance(operations: number): number {
  return Math.max(4, Math.round(operations * 0.1));
}

export function countBack({ name, unit, needs = [], in: counts, detail }: CountBack): Check {
  const keep = (state: State, count: number | null | undefined, run: RunSoFar): void => {
    if (count === null || count === undefined) return;
    if (run.phases.quiesce) state.after = count;
    else if (!run.phases.baseline) state.before = count;
  };
  return check<State>({
    name,
    needs,
    start: () => ({ before: null, after: null, detail: '', operations: 0 }),
    on: {
      request(state) {
        state.operations++;
      },
      process: (state, sample, run) => keep(state, counts.process?.(sample), run),
      tasks: (state, sample, run) => keep(state, counts.tasks?.(sample), run),
      resources(state, sample, run) {
        keep(state, counts.resources?.(sample), run);
        state.detail = detail?.(sample) ?? '';
      },
    },
    finding: (state) => judgeCount(state, unit),
  });
}

function judgeCount({ before, after, detail, operations }: State, unit: string): FindingOf {
  const limit = { value: allowance(operations), unit };
  if (before === null || after === null) {
    return { ...notReached('quiesce', `there is no count of ${unit} after quiesce`), limit };
  }
  const grown = after - before;
  const base = { phase: 'quiesce' as const, limit, measured: { value: grown, unit } };
  const counts = `${before} after warmup, ${after} after quiesce (${plural(operations, 'request')})`;
  if (grown > limit.value) {
    const more = detail === '' ? '' : `; ${detail}`;
    return { ...base, verdict: 'fail', message: `${unit} grew by ${grown}: ${counts}${more}` };
  }
  return { ...base, verdict: 'pass', message: `${unit} came back: ${counts}` };
}
