/** Threads by name, and how many of them no runtime's pool explains. Pure. */
import { RUNTIME_POOLS } from '../../../platform/runtime-threads.ts';
import type { Runtime } from '../../facts/facts.ts';
import type { OutsideFacts } from '../../facts/outside-facts.ts';
import type { RunHints } from '../../run-hints.ts';
import type { Growth } from './growth.ts';

/** A worker's own loop: epoll, io_uring, eventfd and a pipe's two ends, counted on Node 24. */
const FDS_OF_A_THREAD = 5;
/**
 * Threads of Python bear the name of the first one, those of pools that fill with the load among them:
 * asyncio's default executor (at most 32, as concurrent.futures documents it) and anyio's limiter (40).
 */
const PYTHON_POOL_THREADS = 40;
/** So many names that differ in their numbers only are shown as one. */
const MANY_NAMES = 4;
const MAX_NAMES = 6;

interface ThreadKind {
  name: string;
  count: number;
  before: number;
}

export function threadGrowth(
  { last, threads, poolSize }: Pick<OutsideFacts, 'last' | 'threads' | 'poolSize'>,
  { threads: before, threadsByName }: NonNullable<RunHints['baseline']>,
  runtime: Runtime,
): Growth {
  const grown = threadsByKind(threads, threadsByName).map((each) => ({
    ...each,
    own: Math.max(0, each.count - each.before - pooled(each, poolSize, runtime)),
  }));
  const shown = grown
    .filter((each) => !threadsByName || each.count > each.before)
    .sort((a, b) => b.own - a.own || b.count - a.count)
    .map((each) => `${each.name} ${each.count}${threadsByName ? ` (${each.before} before)` : ''}`);
  const own = Math.min(
    last.threads - before,
    grown.reduce((sum, each) => sum + each.own, 0),
  );
  return {
    code: 'thread-leak',
    what: 'threads',
    before,
    now: last.threads,
    own,
    weightFds: FDS_OF_A_THREAD,
    names: [shown.slice(0, MAX_NAMES).join(', ')],
  };
}

/** Of the threads of one name, how many may have grown in a runtime's pool. */
function pooled({ name, count, before }: ThreadKind, poolSize: number, runtime: Runtime): number {
  // Go starts a thread for every call that blocks, and keeps it.
  if (runtime === 'go') return count;
  // Before Node 24 workers bear the name of the pool's threads, which come all at once at the first file.
  if (name === 'node') return poolSize;
  const isNamed = before === 0 && !/^(python|asyncio|anyio)/i.test(name);
  if (runtime === 'python' && !isNamed) return PYTHON_POOL_THREADS;
  return RUNTIME_POOLS.test(name) ? count : 0;
}

/** `pool-1-thread-1`, `pool-1-thread-2`, ... become `pool-*-thread-*`. */
function threadsByKind(
  threads: OutsideFacts['threads'],
  beforeByName: Readonly<Record<string, number>> = {},
): ThreadKind[] {
  const kinds = Map.groupBy(threads, ({ name }) => name.replace(/\d+/g, '*'));
  return [...kinds].flatMap(([kind, each]) => {
    const isMany = each.length >= MANY_NAMES;
    const known = each.map(({ name, count }) => ({ name, count, before: beforeByName[name] ?? 0 }));
    if (!isMany) return known;
    const sum = (of: 'count' | 'before') => known.reduce((total, thread) => total + thread[of], 0);
    return [{ name: kind, count: sum('count'), before: sum('before') }];
  });
}
