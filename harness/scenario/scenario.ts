/** Declares an experiment: load + faults + checks over phases. Checked whole, then frozen. */
import { z } from 'zod';
import type { Check } from '../checks/check.ts';
import { health } from '../checks/liveness/health.ts';
import type { Fault } from '../faults/fault.ts';
import type { Limits } from '../history/events.ts';
import type { Load } from '../load/load.ts';
import { type Duration, toMs } from '../platform/duration.ts';
import { didYouMean, HanglabError } from '../platform/errors.ts';
import { takeProblems } from '../platform/options.ts';
import { NEEDS, type Need } from '../target/needs.ts';
import { SAMPLE_LIMITS } from '../target/timing.ts';
import { ifOffered, needsOf } from './if-offered.ts';

export interface PhaseDurations {
  baseline: Duration;
  /** An upper bound: it ends earlier when its loads have sent all they had, or a hang is certain. */
  fault: Duration;
  recovery: Duration;
}

export interface ScenarioSpec {
  /** One sentence: what must hold, and against what. */
  why: string;
  /** What the target must offer besides what its loads, faults and checks need. */
  needs?: readonly Need[];
  /** `cpu` runs alone, `wait` may run beside others. */
  cost: 'cpu' | 'wait';
  load: Load | readonly Load[];
  phases: (limits: Limits) => PhaseDurations;
  faults?: readonly Fault[];
  /** How many descriptors the target may open. */
  fdLimit?: number;
  /** Must hold in baseline; if not, nothing is injected. The health endpoint when not given, where there is one. */
  steadyState?: readonly Check[];
  /** Judged all the time, from baseline to the end. */
  always: readonly Check[];
  afterRecovery?: readonly Check[];
  afterQuiesce?: readonly Check[];
  /** The upstream that it is about: see `eachUpstream`. */
  upstream?: string;
}

export interface Scenario extends Required<Omit<ScenarioSpec, 'load' | 'fdLimit' | 'upstream'>> {
  readonly load: readonly Load[];
  readonly fdLimit?: number;
  readonly upstream?: string;
}

/** Functions of hanglab that were named and not called: `progressResumes` without `()`. */
const called = <T>(what: string, example: string) =>
  z.custom<T>(
    (value) =>
      typeof (value as { name?: unknown } | null)?.name === 'string' && typeof value === 'object',
    {
      error: ({ input }) =>
        typeof input === 'function'
          ? `${input.name || 'a function'} is a function and was not called: write ${input.name || 'it'}()`
          : `expected ${what}, like \`${example}\``,
    },
  );

const load = called<Load>('a load', "writes({ every: '400ms' })");
const faults = z.array(called<Fault>('a fault', 'llm.stalls()'));
const checks = z.array(called<Check>('a check', 'everyRequestEnds()'));

const shape = z.strictObject({
  why: z.string().min(10, 'expected a sentence that says what must hold'),
  needs: z.array(z.enum(Object.keys(NEEDS) as [Need, ...Need[]])).optional(),
  cost: z.enum(['cpu', 'wait']),
  load: z.union([load, z.array(load).min(1, 'expected at least one load')]),
  phases: z.custom(
    (value) => typeof value === 'function',
    'expected (limits) => ({ baseline, fault, recovery })',
  ),
  faults: faults.optional(),
  fdLimit: z.int().min(64).optional(),
  steadyState: checks.optional(),
  always: checks.min(
    1,
    'expected at least one check: a scenario that judges nothing always passes',
  ),
  afterRecovery: checks.optional(),
  afterQuiesce: checks.optional(),
  upstream: z.string().optional(),
});

/** @throws HanglabError `bad-scenario` with every problem at once. */
export function scenario(spec: ScenarioSpec): Scenario {
  const { success, error } = shape.safeParse(spec);
  const problems = success ? [] : error.issues.flatMap((issue) => sentencesOf(issue));
  if (typeof spec?.phases === 'function') problems.push(...phaseProblems(spec.phases));
  if (success) problems.push(...repeatedFaults(spec.faults ?? []));
  problems.unshift(...takeProblems());
  if (problems.length > 0) {
    throw new HanglabError('bad-scenario', 'the scenario is not valid:', { problems });
  }
  const loads = Array.isArray(spec.load) ? spec.load : [spec.load as Load];
  const { faults: injected = [], afterRecovery = [], afterQuiesce = [], needs = [] } = spec;
  const { steadyState = [ifOffered(health())] } = spec;
  const parts = [loads, injected, steadyState, spec.always, afterRecovery, afterQuiesce];
  return Object.freeze({
    ...spec,
    needs: [...new Set([...needs, ...parts.flatMap((each) => needsOf(each))])],
    load: loads,
    faults: injected,
    steadyState,
    afterRecovery,
    afterQuiesce,
  });
}

type Issue = z.core.$ZodIssue;

function sentencesOf(issue: Issue, above: readonly PropertyKey[] = []): string[] {
  const path = [...above, ...issue.path];
  const place = path.length === 0 ? 'scenario' : path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(shape.shape);
    return issue.keys.map((key) => {
      const hint = didYouMean(key, known);
      return `${place}: there is no "${key}".${hint === '' ? ` Expected one of ${known.join(', ')}` : hint}`;
    });
  }
  if (issue.code === 'invalid_union') {
    const [fullest] = issue.errors.toSorted((a, b) => b.length - a.length);
    return (fullest ?? []).flatMap((each) => sentencesOf(each, path));
  }
  if (issue.code === 'invalid_type' && issue.input === undefined) {
    return [`${place}: missing; expected ${issue.expected}`];
  }
  return [`${place}: ${issue.message}`];
}

/** The evidence of a fault is told under its name. */
function repeatedFaults(injected: readonly Fault[]): string[] {
  const names = injected.map(({ name }) => name);
  const repeated = new Set(names.filter((name, i) => names.indexOf(name) !== i));
  return [...repeated].map((name) => `faults: ${name} stands there more than once`);
}

function phaseProblems(phases: ScenarioSpec['phases']): string[] {
  let durations: Partial<PhaseDurations>;
  try {
    durations = phases(SAMPLE_LIMITS);
  } catch (error) {
    return [`phases: ${(error as Error).message}`];
  }
  const names = ['baseline', 'fault', 'recovery'] as const;
  const unknown = Object.keys(durations ?? {}).filter((key) => !names.includes(key as 'fault'));
  return [
    ...unknown.map((key) => `phases: there is no phase "${key}".${didYouMean(key, names)}`),
    ...names.flatMap((name) => {
      const duration = durations?.[name];
      if (duration === undefined) return [`phases: ${name} is missing`];
      try {
        toMs(duration);
        return [];
      } catch (error) {
        return [`phases.${name}: ${(error as Error).message}`];
      }
    }),
  ];
}

/**
 * Milliseconds of each phase for these limits.
 * @throws HanglabError `bad-duration`
 */
export function phaseDurationsMs(
  { phases }: Pick<Scenario, 'phases'>,
  limits: Limits,
  scale: number,
): Record<keyof PhaseDurations, number> {
  const { baseline, fault, recovery } = phases(limits);
  return {
    baseline: toMs(baseline) * scale,
    fault: toMs(fault) * scale,
    recovery: toMs(recovery) * scale,
  };
}
