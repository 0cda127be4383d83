/**
 * `hanglab.baseline/1`: verdicts and numbers of earlier runs, small enough to be committed. Each scenario
 * keeps its last runs, since one run says nothing of the noise.
 */
import type { Verdict } from '../../checks/check.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Ran } from '../run-json.ts';

export interface Baseline {
  schema: 'hanglab.baseline/1';
  scenarios: BaselineScenario[];
}

export interface BaselineScenario {
  name: string;
  variant: string | null;
  /** Of its last runs, the newest last. */
  verdicts: Verdict[];
  /** By the name of the check. */
  numbers: Record<string, BaselineNumber>;
}

export interface BaselineNumber {
  unit: string;
  /** Another limit is another question; numbers are compared under the same one only. */
  limit: number | null;
  /** The newest last. */
  values: number[];
}

/** Enough for an interval, and few enough that what has changed long ago is forgotten. */
const MAX_RUNS = 10;

/** Measures of the machine, not of the server. */
const NOT_OF_THE_SERVER = new Set(['harness-trusted', 'fault-fired']);

export const EMPTY: Baseline = { schema: 'hanglab.baseline/1', scenarios: [] };

/** @returns what is wrong, when `text` is no baseline. */
export function parseBaseline(text: string): Baseline | string {
  try {
    const json = JSON.parse(text) as Partial<Baseline>;
    const isBaseline = json.schema === 'hanglab.baseline/1' && Array.isArray(json.scenarios);
    if (!isBaseline) return 'it is no baseline: expected the schema hanglab.baseline/1';
    return json.scenarios?.every(isScenario)
      ? (json as Baseline)
      : 'a scenario in it is not one: expected name, variant, verdicts, numbers';
  } catch (error) {
    return `it is no JSON: ${messageOf(error)}`;
  }
}

function isScenario(value: unknown): value is BaselineScenario {
  const { name, verdicts, numbers } = (value ?? {}) as Partial<BaselineScenario>;
  const isNumber = (number: Partial<BaselineNumber> | null): boolean =>
    Array.isArray(number?.values) && number.values.every(Number.isFinite);
  return (
    typeof name === 'string' &&
    Array.isArray(verdicts) &&
    typeof numbers === 'object' &&
    Object.values(numbers ?? {}).every(isNumber)
  );
}

/** One scenario a line, so that a change shows which one. */
export function baselineText({ schema, scenarios }: Baseline): string {
  const key = ({ name, variant }: BaselineScenario): string => `${name} ${variant ?? ''}`;
  const lines = scenarios
    .toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
    .map((scenario) => `    ${JSON.stringify(scenario)}`);
  return `{\n  "schema": "${schema}",\n  "scenarios": [\n${lines.join(',\n')}\n  ]\n}\n`;
}

/** The baseline with the runs of this invocation; an inconclusive run says nothing, and is left out. */
export function withRuns(baseline: Baseline, runs: readonly Ran[]): Baseline {
  const scenarios = baseline.scenarios.map((scenario) => structuredClone(scenario));
  for (const run of runs) {
    if (run.verdict === 'inconclusive') continue;
    const known = scenarioOf({ ...baseline, scenarios }, run);
    const scenario = known ?? { name: run.name, variant: run.defect, verdicts: [], numbers: {} };
    if (!known) scenarios.push(scenario);
    scenario.verdicts = [...scenario.verdicts, run.verdict].slice(-MAX_RUNS);
    for (const [check, number] of Object.entries(numbersOf(run))) {
      const before = Object.hasOwn(scenario.numbers, check) ? scenario.numbers[check] : undefined;
      const isSame = before?.unit === number.unit && before.limit === number.limit;
      const values = isSame ? [...before.values, ...number.values] : number.values;
      scenario.numbers[check] = { ...number, values: values.slice(-MAX_RUNS) };
    }
  }
  return { ...baseline, scenarios };
}

export function scenarioOf({ scenarios }: Baseline, run: Ran): BaselineScenario | undefined {
  return scenarios.find(({ name, variant }) => name === run.name && variant === run.defect);
}

/** What each check measured of the server. */
export function numbersOf({ findings }: Ran): Record<string, BaselineNumber> {
  const numbers: Record<string, BaselineNumber> = {};
  for (const { check, verdict, measured, limit } of findings) {
    if (NOT_OF_THE_SERVER.has(check) || verdict === 'not-reached' || verdict === 'inconclusive')
      continue;
    if (!measured || !Number.isFinite(measured.value)) continue;
    const limitValue = limit && Number.isFinite(limit.value) ? limit.value : null;
    numbers[check] = { unit: measured.unit, limit: limitValue, values: [measured.value] };
  }
  return numbers;
}
