/**
 * `cpu-per-doubling`: twice the work costs about twice the CPU. Parsing the whole buffer at each chunk costs
 * four times as much, and freezes the event loop for long answers.
 */
import { type Check, check, type FindingOf } from '../check.ts';
import { bySize, type CostState, keepCost, LEAST_CPU_MS } from './costs.ts';

/** Linear work costs twice as much for each doubling, and garbage collection adds to it. Quadratic: 4 times. */
const LINEAR = 2;
const MAX_BEYOND_LINEAR = 0.5;
/** Over two doublings noise counts for less, and what each request costs by itself too. */
const COMPARED_SIZES = 4;

export function cpuPerDoubling(): Check {
  return check<CostState>({
    name: 'cpu-per-doubling',
    needs: ['stream'],
    start: () => ({ costs: [] }),
    on: { cost: keepCost },
    finding: ({ costs }, { complete }) => judgeDoublings(costs, complete),
  });
}

interface Growth {
  /** How many times the CPU for twice the work. */
  ratio: number;
  smaller: CostState['costs'][number];
  largest: CostState['costs'][number];
}

function judgeDoublings(costs: CostState['costs'], complete: boolean): FindingOf {
  const growths = [...bySize(costs).values()].flatMap((same) => growthOf(same) ?? []);
  const worst = growths.reduce<Growth | null>((a, b) => (a && a.ratio >= b.ratio ? a : b), null);
  const beyond = Math.max(0, (worst?.ratio ?? 0) - LINEAR);
  const base = {
    phase: 'fault' as const,
    measured: { value: Math.round(beyond * 100) / 100, unit: 'x beyond twice' },
    limit: { value: MAX_BEYOND_LINEAR, unit: 'x beyond twice' },
  };
  if (!worst) {
    // Work that costs next to nothing at its largest cannot be quadratic.
    const most = costs.reduce((sum, { cpuMs }) => Math.max(sum, cpuMs), 0);
    if (costs.length > 1) {
      return { ...base, verdict: 'pass', message: `at most ${Math.round(most)} ms of CPU each` };
    }
    const message = 'no work of two sizes was measured';
    return complete
      ? { ...base, verdict: 'inconclusive', message }
      : { ...base, verdict: 'pass', message };
  }
  const { smaller, largest, ratio } = worst;
  const message = `${largest.what} of ${smaller.size} took ${Math.round(smaller.cpuMs)} ms of CPU, of ${largest.size} ${Math.round(largest.cpuMs)} ms: ${ratio.toFixed(2)} times for each doubling`;
  const verdict = beyond > MAX_BEYOND_LINEAR ? 'fail' : 'pass';
  return { ...base, verdict, message };
}

/** From the largest that is at most a quarter of the largest to that one; null when there are no two such. */
function growthOf(same: readonly CostState['costs'][number][]): Growth | null {
  const largest = same.at(-1);
  const measured = same.filter(({ cpuMs }) => cpuMs >= LEAST_CPU_MS);
  if (!largest) return null;
  const smaller =
    measured.findLast(({ size }) => COMPARED_SIZES * size <= largest.size) ??
    measured.find(({ size }) => 2 * size <= largest.size);
  if (!smaller) return null;
  const doublings = Math.log2(largest.size / smaller.size);
  return { ratio: (largest.cpuMs / smaller.cpuMs) ** (1 / doublings), smaller, largest };
}
