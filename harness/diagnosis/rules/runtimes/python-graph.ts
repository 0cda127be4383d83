/** Who waits for whom in a Python process: tasks and threads alike, over locks, results and pools of threads. */
import type { Frame } from '../../diagnosis.ts';
import type {
  Held,
  PythonRequest,
  PythonWait,
  Tasks,
  ThreadPool,
} from '../../facts/runtime-facts.ts';
import { findCycle, stuckForever, type Wait } from '../../wait-cycle.ts';

/** A task or a thread. */
export interface Actor {
  id: number;
  name: string;
  isThread: boolean;
  /** Outermost first. */
  frames: readonly Frame[];
  waits: PythonWait | null;
  /** Distinguishes one wait from the next at the same place; null where nothing does. */
  future: string | null;
  holds: readonly Held[];
  deadlineMs: number | null;
  request: PythonRequest | null;
  socket: number | null;
  /** How many it stands for. */
  count: number;
}

export interface PythonGraph {
  actors: ReadonlyMap<number, Actor>;
  /** What each waits for, by id; a pool of threads has a node of its own. */
  on: ReadonlyMap<number, readonly number[]>;
  /** Those that can never go on. */
  lost: ReadonlySet<number>;
  /** Of actors and pools, in order. */
  cycle: readonly number[] | null;
  poolOf(node: number): ThreadPool | undefined;
  holdersOf(lock: number): Actor[];
}

/** An event, a queue or a condition has no holder: somebody else may always come. */
const HELD = /Lock|Semaphore|CapacityLimiter/;

export function isHeldKind({ waits }: Pick<Actor, 'waits'>): boolean {
  return waits?.kind === 'lock' && HELD.test(waits.name);
}

export function pythonGraph(tasks: Tasks): PythonGraph {
  const actors = new Map(actorsOf(tasks).map((each) => [each.id, each]));
  const threadOf = new Map((tasks.threads ?? []).map(({ ident, id }) => [ident, id]));
  const workers = new Map((tasks.workers ?? []).map(({ future, thread }) => [future, thread]));
  const pools = tasks.threadPools ?? [];
  const holdersOf = (lock: number): Actor[] => {
    const known = tasks.locks?.find(({ id }) => id === lock);
    const owner = known?.owner ? threadOf.get(known.owner) : undefined;
    const ids = new Set([...(known?.tasks ?? []), ...(owner ? [owner] : [])]);
    return [...actors.values()].filter(
      ({ id, holds }) => ids.has(id) || holds.some((held) => held.id === lock),
    );
  };
  const waitOf = ({ id, waits, deadlineMs }: Actor): Wait => {
    const external: Wait = { id, on: [], all: false, externallyResolvable: true };
    if (!waits || deadlineMs !== null) return external;
    const work = (waits.work ?? []).map((future) => {
      const thread = workers.get(future);
      if (thread) return thread;
      const pool = pools.find(({ queued }) => queued.includes(future));
      return pool ? poolNode(pool) : null;
    });
    const others = [...(waits.on ?? []), ...work];
    const known = others.flatMap((each) => (each !== null && isNode(each) ? each : []));
    const isWhole = known.length === others.length && !waits.others;
    switch (waits.kind) {
      case 'task':
        // A single task stands in `id` alone where nothing more was told.
        if (others.length === 0 && actors.has(waits.id))
          return { id, on: [waits.id], all: false, externallyResolvable: false };
        return {
          id,
          on: known,
          all: waits.all ?? true,
          externallyResolvable: known.length === 0 || (!isWhole && !waits.all),
        };
      case 'work':
      case 'thread':
        return { id, on: known, all: true, externallyResolvable: known.length === 0 };
      case 'lock': {
        if (!HELD.test(waits.name)) return external;
        const lock = tasks.locks?.find((each) => each.id === waits.id);
        const holders = holdersOf(waits.id).map((each) => each.id);
        // Of a lock whose holder is not seen, only the looks together can tell, and only where all were seen.
        const isFree = lock?.isLocked === false;
        const isUnseen = tasks.isWhole === false || (lock?.isReleasedElsewhere ?? true);
        const mayBeReleased = holders.length === 0 && isUnseen;
        return { id, on: holders, all: false, externallyResolvable: isFree || mayBeReleased };
      }
      default:
        // `gather` of an older description.
        return known.length > 0 && isWhole
          ? { id, on: known, all: true, externallyResolvable: false }
          : external;
    }
  };
  const isNode = (id: number): boolean =>
    actors.has(id) || pools.some((pool) => poolNode(pool) === id);
  const waits = [
    ...[...actors.values()].map(waitOf),
    ...pools.map((pool): Wait => {
      const busy = pool.busy.flatMap((each) => (each !== null && actors.has(each) ? each : []));
      const isFull = pool.idle === 0 && pool.size !== null && busy.length >= pool.size;
      return { id: poolNode(pool), on: busy, all: false, externallyResolvable: !isFull };
    }),
  ];
  const lost = stuckForever(waits);
  return {
    actors,
    on: new Map(waits.map(({ id, on }) => [id, on])),
    lost,
    cycle: findCycle(waits, lost),
    poolOf: (node) => pools.find((pool) => poolNode(pool) === node),
    holdersOf,
  };
}

/** Objects and threads have positive numbers. */
function poolNode({ id }: ThreadPool): number {
  return -1 - id;
}

function actorsOf({ tasks, threads = [] }: Tasks): Actor[] {
  return [
    ...tasks.map(
      ({ deadlineMs = null, request = null, socket = null, more = 0, ...task }): Actor => ({
        ...task,
        isThread: false,
        deadlineMs,
        request,
        socket,
        count: 1 + more,
      }),
    ),
    ...threads.flatMap(({ id, frames, waits, ...thread }): Actor[] =>
      id === null
        ? []
        : [
            {
              ...thread,
              id,
              isThread: true,
              frames: frames.toReversed(),
              waits,
              future: waits && `${waits.kind} ${waits.id}`,
              deadlineMs: null,
              count: 1,
            },
          ],
    ),
  ];
}
