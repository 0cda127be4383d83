/** From a snapshot to the question of who waits for whom: chains, locks, their holders, circles. */

import { type Settler, settlersOf } from '../heap/resolvers.ts';
import type { HeapGraph } from '../heap/snapshot.ts';
import type { Suspended } from '../heap/suspended.ts';
import { findCycle, hopeless, type Wait } from '../wait-cycle.ts';
import { type Acquire, awaitedCall, holds, mentions, type Standing } from './lock-holders.ts';

export interface Waiter {
  at: Standing;
  settlers: Settler[];
  /** For each settler that is a lock or a queue: the suspended functions that could serve it. */
  servers: { object: number; functions: number[]; because: 'holds' | 'mentions' | 'nobody' }[];
}

export interface WaitGraph {
  waiters: Map<number, Waiter>;
  /** Those that can never go on. */
  hopeless: Set<number>;
  cycle: number[] | null;
  /** The function that directly awaits this one's result, or -1. */
  parentOf(node: number): number;
  /** From the outermost function down to `node`. */
  chainTo(node: number): number[];
}

/** Settlers of every waiting function; those that wait for the same promise share the walk. */
export function settlersByPromise(
  graph: HeapGraph,
  suspended: readonly Suspended[],
): Map<number, Settler[]> {
  const byNode = new Map(suspended.map((each) => [each.node, each]));
  const awaited = new Set(
    suspended.map(({ awaited }) => awaited).filter((promise) => promise >= 0),
  );
  return new Map([...awaited].map((promise) => [promise, settlersOf(graph, promise, byNode)]));
}

/**
 * The graph of waits among `standing`.
 * @param settlers of each awaited promise, from `settlersByPromise`.
 * @param all every suspended function: one that goes on may be the one that holds what others wait for.
 */
export function waitGraph(
  graph: HeapGraph,
  standing: readonly Standing[],
  settlers: ReadonlyMap<number, Settler[]>,
  all: readonly Standing[],
): WaitGraph {
  const byNode = new Map(standing.map((each) => [each.node, each]));
  const parents = new Map<number, number>();
  for (const { node, awaited } of standing) {
    for (const { kind, node: child } of settlers.get(awaited) ?? []) {
      if (kind === 'function' && !parents.has(child)) parents.set(child, node);
    }
  }
  const parentOf = (node: number) => parents.get(node) ?? -1;
  const chainTo = (node: number) => {
    const chain = [node];
    for (let at = parentOf(node); at >= 0 && !chain.includes(at); at = parentOf(at))
      chain.unshift(at);
    return chain;
  };

  const waitersOn = new Map<number, Set<number>>();
  for (const { node, awaited } of standing) {
    for (const settler of settlers.get(awaited) ?? []) {
      if (settler.kind !== 'object') continue;
      const known = waitersOn.get(settler.node) ?? new Set();
      waitersOn.set(settler.node, known.add(node));
    }
  }
  const served = new Map(
    [...waitersOn].map(([object, waiting]) => {
      const acquires = [...waiting].flatMap((node) => acquiresOf(object, chainTo(node), byNode));
      const behind = new Set([...waiting].flatMap(chainTo));
      return [object, serversOf(graph, object, behind, acquires, all)] as const;
    }),
  );

  const waiters = new Map<number, Waiter>();
  const waits: Wait[] = [];
  for (const at of standing) {
    if (at.awaited < 0) {
      // At a `yield`: it goes on when somebody pulls, and nobody here is known to.
      waits.push({ id: at.node, on: [], all: false, hope: false });
      continue;
    }
    const own = (settlers.get(at.awaited) ?? []).filter(
      ({ kind, node }) => kind !== 'frame' || node !== at.node,
    );
    const servers = own
      .filter(({ kind }) => kind === 'object')
      .map(({ node }) => ({ object: node, ...served.get(node)! }));
    waiters.set(at.node, { at, settlers: own, servers });
    waits.push({
      id: at.node,
      on: [
        ...own
          .filter(({ kind }) => kind === 'function' || kind === 'frame')
          .map(({ node }) => node),
        ...servers.flatMap(({ functions }) => functions),
      ],
      all: own.some(({ all }) => all),
      hope: own.some(({ kind }) => !['function', 'frame', 'object'].includes(kind)),
    });
  }
  const lost = hopeless(waits);
  return { waiters, hopeless: lost, cycle: findCycle(waits, lost), parentOf, chainTo };
}

/**
 * The calls by which a chain asks for `object`: in its own methods, in the first caller outside, and
 * further out as long as what was asked for is handed on (`return await lock.acquire()`).
 */
function acquiresOf(
  object: number,
  chain: readonly number[],
  byNode: ReadonlyMap<number, Standing>,
): Acquire[] {
  const calls: Acquire[] = [];
  for (const node of chain.toReversed()) {
    const frame = byNode.get(node);
    const call = frame && awaitedCall(frame.from);
    if (call) calls.push(call);
    const handsOn = frame && /\breturn\s*\(?\s*$/.test(frame.before);
    if (!handsOn && frame?.receiver !== object) break;
  }
  return calls;
}

function serversOf(
  graph: HeapGraph,
  object: number,
  /** Those that wait for it, and all who wait for those: they cannot serve it. */
  behind: ReadonlySet<number>,
  acquires: readonly Acquire[],
  all: readonly Standing[],
): Omit<Waiter['servers'][number], 'object'> {
  const holders = all.filter((each) => holds(graph, each, object, acquires));
  if (holders.length > 0) return { functions: holders.map(({ node }) => node), because: 'holds' };
  const others = all.filter((each) => !behind.has(each.node) && mentions(graph, each, object));
  // Whoever stands at the very same call waits there too, one level further out.
  const users = others.filter((each) => {
    const call = awaitedCall(each.from);
    return !acquires.some(
      ({ receiver, method }) => call?.receiver === receiver && call.method === method,
    );
  });
  if (users.length === 0) return { functions: [], because: 'nobody' };
  return { functions: users.map(({ node }) => node), because: 'mentions' };
}
