/** Who waits for whom among suspended functions: chains, locks, their holders, cycles. */
import type { AwaitFacts, SuspendedFunction } from '../../facts/await-facts.ts';
import { isSameCall, type WaitChains, waitChains } from '../../wait-chains.ts';
import { findCycle, stuckForever, type Wait } from '../../wait-cycle.ts';

export interface WaitGraph extends Pick<WaitChains, 'parentOf' | 'chainTo'> {
  /** For each object in whose list a function waits: the suspended functions that could serve it. */
  serversOf(id: number): Servers[];
  /** Those that can never go on. */
  stuckForever: ReadonlySet<number>;
  cycle: readonly number[] | null;
}

export interface Servers {
  object: number;
  functions: readonly number[];
  because: 'holds' | 'mentions' | 'nobody';
}

/**
 * The graph of waits among `stuck`. A function that goes on is not among them, and may be the one that
 * holds what others wait for.
 */
export function waitGraph(facts: AwaitFacts, stuck: readonly SuspendedFunction[]): WaitGraph {
  const chains = waitChains(stuck);
  const served = new Map(
    [...chains.waitersByObject.keys()].map((object) => [object, serversFor(facts, chains, object)]),
  );
  const byId = new Map(stuck.map((each) => [each.id, each]));
  const serversOf = (id: number): Servers[] =>
    (byId.get(id)?.resolvers ?? []).flatMap((each) =>
      each.kind === 'object' ? (served.get(each.id) ?? []) : [],
    );
  const waits = stuck.map((each) => waitOf(each, serversOf(each.id)));
  const lost = stuckForever(waits);
  return {
    parentOf: chains.parentOf,
    chainTo: chains.chainTo,
    serversOf,
    stuckForever: lost,
    cycle: findCycle(waits, lost),
  };
}

function waitOf(
  { id, isAtYield, resolvers }: SuspendedFunction,
  servers: readonly Servers[],
): Wait {
  // At a `yield`: it goes on when somebody pulls, and nobody here is known to.
  if (isAtYield) return { id, on: [], all: false, externallyResolvable: false };
  const isOther = ({ kind }: (typeof resolvers)[number]) =>
    kind !== 'function' && kind !== 'frame' && kind !== 'object';
  return {
    id,
    on: [
      ...resolvers.flatMap(({ kind, id: other }) =>
        kind === 'function' || kind === 'frame' ? other : [],
      ),
      ...servers.flatMap(({ functions }) => functions),
    ],
    all: resolvers.some(({ all }) => all),
    externallyResolvable: resolvers.some(isOther),
  };
}

function serversFor({ functions, locks }: AwaitFacts, chains: WaitChains, object: number): Servers {
  const lock = locks.find(({ id }) => id === object);
  const calls = chains.callsFor(object);
  const taken = new Set(
    (lock?.takenBy ?? [])
      .filter(({ call }) => calls.some((asked) => isSameCall(asked, call)))
      .map((each) => each.function),
  );
  const idsIn = (ids: ReadonlySet<number>) =>
    functions.flatMap(({ id }) => (ids.has(id) ? id : []));
  if (taken.size > 0) return { object, functions: idsIn(taken), because: 'holds' };
  const behind = chains.behind(object);
  const mentioning = new Set(lock?.mentionedBy ?? []);
  // Whoever is suspended at the very same call waits there too, one level further out.
  const users = functions.filter(
    ({ id, call }) =>
      mentioning.has(id) &&
      !behind.has(id) &&
      !calls.some((asked) => call !== null && isSameCall(asked, call)),
  );
  if (users.length === 0) return { object, functions: [], because: 'nobody' };
  return { object, functions: users.map(({ id }) => id), because: 'mentions' };
}
