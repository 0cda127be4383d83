/** Of each object in whose list functions wait: who has taken it, and who could serve it. */
import type { LockFacts, SuspendedFunction } from '../facts/await-facts.ts';
import type { HeapGraph } from '../heap/snapshot.ts';
import { isSameCall, waitChains } from '../wait-chains.ts';
import { holds, mentions, type SuspensionPoint } from './lock-holders.ts';

/** @param sources the same functions, with their texts. */
export function lockFacts(
  graph: HeapGraph,
  functions: readonly SuspendedFunction[],
  sources: readonly SuspensionPoint[],
): LockFacts[] {
  const first = waitChains(functions);
  const second = waitChains(functions.filter(({ hasMoved }) => !hasMoved));
  return [...first.waitersByObject.keys()].map((object) => {
    const takenBy = first
      .callsFor(object)
      .flatMap((call) =>
        sources
          .filter((each) => holds(graph, each, object, [call]))
          .map(({ node }) => ({ function: node, call })),
      );
    const isHeldAt = (look: typeof first) =>
      look.callsFor(object).some((call) => takenBy.some((taken) => isSameCall(taken.call, call)));
    const isServedElsewhere = [first, second].some(
      (look) => look.waitersByObject.has(object) && !isHeldAt(look),
    );
    const behind = second.behind(object);
    const mentionedBy = isServedElsewhere
      ? sources.filter((each) => !behind.has(each.node) && mentions(graph, each, object))
      : [];
    return { id: object, takenBy, mentionedBy: mentionedBy.map(({ node }) => node) };
  });
}
