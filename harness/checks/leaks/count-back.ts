/** How a count after quiesce is held against the same count after warmup: for descriptors, threads, sockets. */

import type { EventOf, SocketCount } from '../../history/events.ts';
import { plural } from '../../platform/plural.ts';
import type { Need } from '../../target/needs.ts';
import { type Check, check, type FindingOf, notReached } from '../check.ts';
import type { CheckId } from '../check-ids.ts';
import type { RunSoFar } from '../judging/run-so-far.ts';
import { idleCount, openedBy, showsReuse } from './idle-pools.ts';

interface State {
  before: number | null;
  after: number | null;
  /** What to look at when it has grown. */
  detail: string;
  suspects: Suspects;
  /** Sockets in the last full samples after warmup and after quiesce. */
  sockets: { before: readonly SocketCount[] | null; after: readonly SocketCount[] };
  poolTest: EventOf<'pool-test'> | null;
}

/** Requests that may have left something behind, by how much they are suspected. */
interface Suspects {
  /** Their clients left on purpose. */
  left: number;
  /** The fault touched them. */
  load: number;
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
  /** Connections to upstreams are among what is counted: those of a pool may stay. */
  countsConnections?: true;
}

/**
 * What may have grown without being a leak: a pool that filled, a log that rotated. A tenth of the requests that
 * could have leaked, from 4 on: of 12 clients that left, among a hundred that did not, all 12 would be seen.
 */
export function allowance({ left, load }: Suspects): number {
  return Math.max(4, Math.round((left > 0 ? left : load) * 0.1));
}

export function countBack(options: CountBack): Check {
  const { name, unit, needs = [], in: counts, detail, countsConnections = false } = options;
  const keep = (state: State, count: number | null | undefined, run: RunSoFar): void => {
    if (count === null || count === undefined) return;
    if (run.phases.quiesce) state.after = count;
    else if (!run.phases.baseline) state.before = count;
  };
  return check<State>({
    name,
    needs,
    start: () => ({
      ...{ before: null, after: null, detail: '', suspects: { left: 0, load: 0 } },
      ...{ sockets: { before: null, after: [] }, poolTest: null },
    }),
    on: {
      request(state, { group, leaves }) {
        const { left, load } = state.suspects;
        if (leaves) state.suspects = { left: left + 1, load };
        else if (group !== 'others') state.suspects = { left, load: load + 1 };
      },
      process: (state, sample, run) => keep(state, counts.process?.(sample), run),
      tasks: (state, sample, run) => keep(state, counts.tasks?.(sample), run),
      resources(state, sample, run) {
        keep(state, counts.resources?.(sample), run);
        state.detail = detail?.(sample) ?? '';
        const { sockets } = sample;
        if (run.phases.quiesce) state.sockets = { ...state.sockets, after: sockets };
        else if (!run.phases.baseline) state.sockets = { ...state.sockets, before: sockets };
      },
      'pool-test': (state, event) => {
        if (countsConnections) state.poolTest = event;
      },
    },
    finding: (state) => judgeCount(state, unit),
  });
}

function judgeCount(state: State, unit: string): FindingOf {
  const { before, after, detail, suspects, poolTest } = state;
  const limit = { value: allowance(suspects), unit };
  if (before === null || after === null) {
    return { ...notReached('quiesce', `there is no count of ${unit} after quiesce`), limit };
  }
  const grown = after - before;
  const base = { phase: 'quiesce' as const, limit, measured: { value: grown, unit } };
  const { left, load } = suspects;
  const what =
    left > 0 ? plural(left, 'client that left', 'clients that left') : plural(load, 'request');
  const counts = `${before} after warmup, ${after} after quiesce (${what})`;
  if (grown <= limit.value) {
    return { ...base, verdict: 'pass', message: `${unit} came back: ${counts}` };
  }
  const pooled = pooledGrowth(state);
  const rest = grown - pooled;
  if (poolTest && pooled > 0 && rest <= limit.value) {
    const message = `${unit} came back but for a pool: ${counts}; ${poolText(pooled, poolTest)}`;
    return { ...base, measured: { value: rest, unit }, verdict: 'pass', message };
  }
  const more = detail === '' ? '' : `; ${detail}`;
  return { ...base, verdict: 'fail', message: `${unit} grew by ${grown}: ${counts}${more}` };
}

/** How many more connections to upstreams are idle than after warmup, and are known to be a pool. */
function pooledGrowth({ sockets: { before, after }, poolTest }: State): number {
  if (before === null || poolTest === null || !showsReuse(poolTest)) return 0;
  const { upstreams } = poolTest;
  return Math.max(0, idleCount(after, upstreams) - idleCount(before, upstreams));
}

function poolText(pooled: number, test: EventOf<'pool-test'>): string {
  const idle = plural(pooled, 'idle connection');
  const opened = openedBy(test);
  const calls = `${test.calls} calls at once opened ${opened === 0 ? 'none' : `only ${opened}`}`;
  return `${idle} to upstreams are a pool: ${calls}`;
}
