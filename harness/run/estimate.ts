/** How long a list of scenarios will take when all goes well: printed before it starts. */
import type { Limits } from '../history/events.ts';
import { phaseDurationsMs, type Scenario } from '../scenario/scenario.ts';
import { leastRecoveryMs } from './recovery.ts';

/** Links, model, probes and the warm-up of a small server: measured on 2 cores, 0.8 to 1.6 s. */
const OVERHEAD_MS = 1_500;
/** Draining and the audit of a server that has nothing left to do. */
const QUIESCE_MS = 1_000;

export interface EstimateOptions {
  limits: Limits;
  scale: number;
  /** What the server takes from its start until it accepts requests. */
  startMs: number;
  jobs: number;
  repeat: number;
}

export function estimateMs(scenarios: readonly Scenario[], options: EstimateOptions): number {
  const { jobs, repeat } = options;
  let aloneMs = 0;
  let besideMs = 0;
  for (const scenario of scenarios) {
    const ms = scenarioMs(scenario, options);
    if (scenario.cost === 'cpu') aloneMs += ms;
    else besideMs += ms;
  }
  return repeat * (aloneMs + besideMs / jobs);
}

function scenarioMs(scenario: Scenario, { limits, scale, startMs }: EstimateOptions): number {
  const { baseline, fault, recovery } = phaseDurationsMs(scenario, limits, scale);
  const recoveryMs = Math.min(recovery, 2 * leastRecoveryMs(limits));
  return startMs + OVERHEAD_MS + baseline + fault + recoveryMs + QUIESCE_MS;
}
