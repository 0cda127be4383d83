/** Runs one scenario on two versions, pair after pair, until what they say is clear. */
import { type ComparedScenario, comparedScenario } from './compared.ts';
import { decide, MOST_PAIRS, type Pair } from './decide.ts';
import { orderOfPair } from './order.ts';
import type { Side, SideRun } from './side-run.ts';

export interface CompareOptions {
  name: string;
  /** Runs one side, in a process of its own; both runs of a pair get the same index, and so the same seed. */
  run(side: Side, pair: number): Promise<SideRun>;
  mostPairs?: number;
  /** There is no time for another pair: what is not decided by now stays undecided. */
  isOver?(): boolean;
}

/** @throws what `run` throws, except when the time was over. */
export async function compareScenario({
  name,
  run,
  mostPairs = MOST_PAIRS,
  isOver = () => false,
}: CompareOptions): Promise<ComparedScenario> {
  const pairs: Pair[] = [];
  while (decide(pairs, mostPairs).state === 'open' && !isOver()) {
    const [first, second] = orderOfPair(pairs.length);
    const runs: Partial<Record<Side, SideRun>> = {};
    try {
      runs[first] = await run(first, pairs.length);
      runs[second] = await run(second, pairs.length);
    } catch (error) {
      if (!isOver()) throw error;
      break;
    }
    pairs.push(runs as Pair);
  }
  return comparedScenario(name, pairs, mostPairs);
}
