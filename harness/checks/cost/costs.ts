/** What equal steps of work cost the target, for the checks that ask how the cost grows. */
import type { EventOf } from '../../history/events.ts';

/** Below this a process's CPU time, told in steps of 10 ms, says nothing. */
export const LEAST_CPU_MS = 30;

export interface CostState {
  costs: EventOf<'cost'>[];
}

/** Loads measure a few sizes, not thousands. */
const MOST_COSTS = 64;

export function keepCost(state: CostState, cost: EventOf<'cost'>): void {
  if (state.costs.length < MOST_COSTS) state.costs.push(cost);
}

/** The costs of one kind of work, by size. */
export function bySize(costs: readonly EventOf<'cost'>[]): Map<string, EventOf<'cost'>[]> {
  const sorted = costs.toSorted((a, b) => a.size - b.size);
  return Map.groupBy(sorted, ({ what }) => what);
}
