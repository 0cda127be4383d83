/** How long a comparison takes: at least, when all pairs agree, and at most. */

import { requestLimitMs } from '../checks/liveness/every-request-ends.ts';
import { type EstimateOptions, estimateMs } from '../run/estimate.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { MOST_PAIRS, STRUCTURAL_PAIRS } from './decide.ts';

export interface CompareEstimate {
  leastMs: number;
  mostMs: number;
}

/** A failing run is diagnosed, and drains for as long as nothing moves: see `run/drain.ts`. */
const DIAGNOSIS_MS = 4_000;
const STANDSTILL_LIMITS = 2;

/** @param startMs what each side takes to start. */
export function estimateComparison(
  scenarios: readonly Scenario[],
  options: Pick<EstimateOptions, 'limits' | 'scale'>,
  startMs: { a: number; b: number },
  mostPairs = MOST_PAIRS,
): CompareEstimate {
  const once = (side: 'a' | 'b'): number =>
    estimateMs(scenarios, { ...options, startMs: startMs[side], jobs: 1, repeat: 1 });
  const pairMs = once('a') + once('b');
  const failingMs = DIAGNOSIS_MS + STANDSTILL_LIMITS * requestLimitMs(options.limits);
  return {
    leastMs: Math.min(STRUCTURAL_PAIRS, mostPairs) * pairMs,
    mostMs: mostPairs * (pairMs + 2 * scenarios.length * failingMs),
  };
}
