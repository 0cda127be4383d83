/**
 * `cpu-per-doubling`: twice the work costs about twice the CPU. Parsing the whole buffer at each chunk costs
 * four times as much, and freezes the event loop for long answers.
 */
import { type Check, check, type FindingOf } from '../check.ts';
import { bySize, type CostState, keepCost, LEAST_CPU_MS } from './costs.ts';

/** Linear work doubles; some of it is per request, and garbage collection adds to it. Quadratic: 4. */
const MAX_PER_DOUBLING = 2.5;

export function cpuPerDoubling(): Check {
  return check<CostState>({
    name: 'cpu-per-doubling',
    needs: ['stream'],
    start: () => ({ costs: [] }),
    on: { cost: keepCost },
    finding: ({ costs }, { complete }) => judgeDoublings(costs, complete),
  });
}

function judgeDoublings(costs: CostState['costs'], complete: boolean): FindingOf {
  const ratios = [...bySize(costs).values()].flatMap((same) => {
    const smallest = same.find(({ cpuMs }) => cpuMs >= LEAST_CPU_MS);
    const largest = same.at(-1);
    if (!smallest || !largest || largest.size < 2 * smallest.size) return [];
    const doublings = Math.log2(largest.size / smallest.size);
    const ratio = (largest.cpuMs / smallest.cpuMs) ** (1 / doublings);
    return [{ ratio, smallest, largest }];
  });
  const worst = ratios.reduce<(typeof ratios)[number] | null>(
    (a, b) => (a && a.ratio >= b.ratio ? a : b),
    null,
  );
  const base = {
    phase: 'fault' as const,
    measured: { value: Math.round((worst?.ratio ?? 0) * 100) / 100, unit: 'x per doubling' },
    limit: { value: MAX_PER_DOUBLING, unit: 'x per doubling' },
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
  const { smallest, largest } = worst;
  const message = `${smallest.what} of ${smallest.size} took ${Math.round(smallest.cpuMs)} ms of CPU, of ${largest.size} ${Math.round(largest.cpuMs)} ms`;
  const verdict = worst.ratio > MAX_PER_DOUBLING ? 'fail' : 'pass';
  return { ...base, verdict, message };
}
