/**
 * Who awaits whose result, and by which calls a chain of functions asks for an object in whose list it waits.
 * Pure: gathering finds the holders of locks with it, and rules find who waits for whom.
 */
import type { Call, SuspendedFunction } from './facts/await-facts.ts';

export type Chained = Pick<SuspendedFunction, 'id' | 'receiver' | 'call' | 'handsOn' | 'resolvers'>;

export interface WaitChains {
  /** The function that directly awaits this one's result, or -1. */
  parentOf(id: number): number;
  /** From the outermost function down to this one. */
  chainTo(id: number): number[];
  /** Objects in whose lists functions wait, each with those functions. */
  waitersByObject: ReadonlyMap<number, readonly number[]>;
  /** The calls by which anybody asks for the object. */
  callsFor(object: number): Call[];
  /** Those that wait for the object, and all who wait for those: they cannot give it back. */
  behind(object: number): Set<number>;
}

export function waitChains(functions: readonly Chained[]): WaitChains {
  const byId = new Map(functions.map((each) => [each.id, each]));
  const parents = new Map<number, number>();
  const waiters = new Map<number, Set<number>>();
  for (const { id, resolvers } of functions) {
    for (const { kind, id: other } of resolvers) {
      if (kind === 'function' && !parents.has(other)) parents.set(other, id);
      if (kind === 'object') waiters.set(other, (waiters.get(other) ?? new Set()).add(id));
    }
  }
  const parentOf = (id: number) => parents.get(id) ?? -1;
  const chainTo = (id: number) => {
    const chain = [id];
    for (let at = parentOf(id); at >= 0 && !chain.includes(at); at = parentOf(at))
      chain.unshift(at);
    return chain;
  };
  return {
    parentOf,
    chainTo,
    waitersByObject: new Map([...waiters].map(([object, ids]) => [object, [...ids]])),
    callsFor: (object) =>
      distinct(
        [...(waiters.get(object) ?? [])].flatMap((id) => callsOf(object, chainTo(id), byId)),
      ),
    behind: (object) => new Set([...(waiters.get(object) ?? [])].flatMap(chainTo)),
  };
}

/**
 * In the object's own methods, in the first caller outside, and further out as long as what was asked for is
 * handed on (`return await lock.acquire()`).
 */
function callsOf(
  object: number,
  chain: readonly number[],
  byId: ReadonlyMap<number, Chained>,
): Call[] {
  const calls: Call[] = [];
  for (const id of chain.toReversed()) {
    const frame = byId.get(id);
    if (frame?.call) calls.push(frame.call);
    if (!frame?.handsOn && frame?.receiver !== object) break;
  }
  return calls;
}

function distinct(calls: readonly Call[]): Call[] {
  return calls.filter((call, i) => calls.findIndex((other) => isSameCall(other, call)) === i);
}

export function isSameCall(a: Call, b: Call): boolean {
  return a.receiver === b.receiver && a.method === b.method;
}
