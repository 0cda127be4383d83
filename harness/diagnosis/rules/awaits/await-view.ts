/** The suspended functions as rules look at them: those that are stuck, and the graph of their waits. */
import type { AwaitFacts, SuspendedFunction } from '../../facts/await-facts.ts';
import { type WaitGraph, waitGraph } from './wait-graph.ts';

export interface AwaitView {
  facts: AwaitFacts;
  /** Those that were at the same place at both looks. */
  stuck: ReadonlyMap<number, SuspendedFunction>;
  waits: WaitGraph;
  /** Suspended functions, and how many of them had gone on at the second look. */
  suspended: number;
  moved: number;
  /** The same with those that went on: who was slow at the first look. */
  readonly first: AwaitView;
}

export function awaitView(facts: AwaitFacts): AwaitView {
  const stuck = facts.functions.filter(({ hasMoved }) => !hasMoved);
  let first: AwaitView | undefined;
  return {
    ...viewOf(facts, stuck),
    get first() {
      first ??= viewOf(facts, facts.functions);
      return first;
    },
  };
}

function viewOf(facts: AwaitFacts, functions: readonly SuspendedFunction[]): AwaitView {
  const view = {
    facts,
    stuck: new Map(functions.map((each) => [each.id, each])),
    waits: waitGraph(facts, functions),
    suspended: facts.functions.length,
    moved: facts.functions.length - functions.length,
    get first(): AwaitView {
      return view;
    },
  };
  return view;
}
