/** Declares an experiment: load + faults + probes + checks over phases. Checked whole, then frozen. */
import { z } from 'zod';
import type { Check } from '../checks/check.ts';
import type { Fault } from '../faults/fault.ts';
import type { Limits } from '../history/history.ts';
import type { Load } from '../load/load.ts';
import { type Duration, toMs } from '../platform/duration.ts';
import { HanglabError } from '../platform/errors.ts';
import { CAPABILITIES, type Capability } from '../target/adapter.ts';

export interface PhaseDurations {
  baseline: Duration;
  /** An upper bound: it ends earlier when its loads have sent all they had, or a hang is certain. */
  fault: Duration;
  recovery: Duration;
}

export interface ScenarioSpec {
  /** One sentence: what must hold, and against what. */
  why: string;
  /** What the target must be able to do; else the scenario is skipped, and the report says why. */
  needs: readonly Capability[];
  /** `cpu` runs alone, `wait` may run beside others. */
  cost: 'cpu' | 'wait';
  load: Load | readonly Load[];
  phases: (limits: Limits) => PhaseDurations;
  faults?: readonly Fault[];
  /** What is set at the target otherwise than its own defaults. */
  target?: { settings?: Readonly<Record<string, number>>; fdLimit?: number };
  /** Must hold in baseline; if not, nothing is injected and the run is inconclusive. */
  steadyState: readonly Check[];
  /** Judged all the time, from baseline to the end. */
  always: readonly Check[];
  afterRecovery?: readonly Check[];
  afterQuiesce?: readonly Check[];
}

export interface Scenario extends Required<Omit<ScenarioSpec, 'load'>> {
  readonly load: readonly Load[];
}

const named = z.custom<{ name: string }>(
  (value) => typeof (value as { name?: unknown } | null)?.name === 'string',
  'expected what one of hanglab\'s functions returns, like `health({ p99: "100ms" })`',
);
const list = z.array(named);

const shape = z.strictObject({
  why: z.string().min(10, 'expected a sentence that says what must hold'),
  needs: z.array(z.enum(CAPABILITIES)),
  cost: z.enum(['cpu', 'wait']),
  load: z.union([named, list.min(1, 'expected at least one load')]),
  phases: z.custom(
    (value) => typeof value === 'function',
    'expected (limits) => ({ baseline, fault, recovery })',
  ),
  faults: list.optional(),
  target: z
    .strictObject({
      settings: z.record(z.string(), z.number()).optional(),
      fdLimit: z.int().min(64).optional(),
    })
    .optional(),
  steadyState: list,
  always: list.min(1, 'expected at least one check: a scenario that judges nothing passes always'),
  afterRecovery: list.optional(),
  afterQuiesce: list.optional(),
});

/** @throws HanglabError `bad-scenario` with every problem at once. */
export function scenario(spec: ScenarioSpec): Scenario {
  const { success, error } = shape.safeParse(spec);
  if (!success) {
    const problems = error.issues.map(
      (issue) => `${issue.path.join('.') || 'scenario'}: ${issue.message}`,
    );
    throw new HanglabError('bad-scenario', 'the scenario is not valid:', { problems });
  }
  return Object.freeze({
    faults: [],
    target: {},
    afterRecovery: [],
    afterQuiesce: [],
    ...spec,
    load: Array.isArray(spec.load) ? spec.load : [spec.load as Load],
  });
}

/**
 * Milliseconds of each phase for these limits.
 * @throws HanglabError `bad-duration`
 */
export function phaseDurationsMs(
  scenario: Scenario,
  limits: Limits,
  scale: number,
): Record<keyof PhaseDurations, number> {
  const { baseline, fault, recovery } = scenario.phases(limits);
  return {
    baseline: toMs(baseline) * scale,
    fault: toMs(fault) * scale,
    recovery: toMs(recovery) * scale,
  };
}
