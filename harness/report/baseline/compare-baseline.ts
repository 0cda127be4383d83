/**
 * What this invocation says against a baseline. Pure. A number is mentioned only when it leaves the interval
 * of the runs before by more than noise: three or more runs are needed for an interval, and even then a
 * further run of the same server lies outside of it in one of four cases, so it must be well outside.
 */
import type { Ran } from '../run-json.ts';
import { type Baseline, type BaselineNumber, numbersOf, scenarioOf } from './baseline.ts';

export type Change = 'broken' | 'fixed' | 'unsteady' | 'new' | 'higher' | 'lower' | 'other-limit';

export interface Difference {
  name: string;
  variant: string | null;
  change: Change;
  /** null: it is about the verdict. */
  check: string | null;
  /** For numbers: the interval before, and the median now, in `unit`. */
  before: { min: number; max: number; runs: number } | null;
  now: number | null;
  unit: string | null;
}

export const LEAST_RUNS = 3;
/** Beyond the interval by this share of it and by this much: below, nobody notices. */
const MARGIN_SHARE = 0.2;
const LEAST_MARGIN: Readonly<Record<string, number>> = { ms: 50 };
const OTHER_MARGIN = 1;

export function compareWithBaseline(baseline: Baseline, runs: readonly Ran[]): Difference[] {
  const groups = Map.groupBy(runs, ({ name, defect }) => `${name} ${defect ?? ''}`);
  return [...groups.values()].flatMap((same) => {
    const [first] = same as [Ran];
    const about = { name: first.name, variant: first.defect };
    const known = scenarioOf(baseline, first);
    const none = { check: null, before: null, now: null, unit: null };
    if (!known) return [{ ...about, ...none, change: 'new' as const }];
    const change = verdictChange(known.verdicts, same);
    return [
      ...(change === null ? [] : [{ ...about, ...none, change }]),
      ...Object.entries(known.numbers).flatMap(([check, before]) => {
        const difference = numberChange(before, check, same);
        return difference ? [{ ...about, check, ...difference }] : [];
      }),
    ];
  });
}

function verdictChange(before: readonly string[], runs: readonly Ran[]): Change | null {
  const now = runs.map(({ verdict }) => verdict).filter((verdict) => verdict !== 'inconclusive');
  const all = (verdicts: readonly string[], wanted: string): boolean =>
    verdicts.length > 0 && verdicts.every((verdict) => verdict === wanted);
  if (now.length === 0 || before.length === 0) return null;
  if (all(before, 'pass') && !all(now, 'pass')) return 'broken';
  if (all(before, 'fail') && all(now, 'pass')) return 'fixed';
  const isMixed = !all(before, 'pass') && !all(before, 'fail');
  return isMixed && !all(now, 'pass') ? 'unsteady' : null;
}

function numberChange(
  before: BaselineNumber,
  check: string,
  runs: readonly Ran[],
): Pick<Difference, 'change' | 'before' | 'now' | 'unit'> | null {
  const now = runs.flatMap((run) => {
    const numbers = numbersOf(run);
    return Object.hasOwn(numbers, check) ? [numbers[check] as BaselineNumber] : [];
  });
  if (now.length === 0) return null;
  const interval = {
    min: Math.min(...before.values),
    max: Math.max(...before.values),
    runs: before.values.length,
  };
  const median = medianOf(now.flatMap(({ values }) => values));
  const said = { before: interval, now: median, unit: before.unit };
  const isSameQuestion = now.every(
    ({ unit, limit }) => unit === before.unit && limit === before.limit,
  );
  if (!isSameQuestion) return { change: 'other-limit', ...said };
  if (interval.runs < LEAST_RUNS) return null;
  const least = LEAST_MARGIN[before.unit] ?? OTHER_MARGIN;
  if (median > interval.max + Math.max(least, MARGIN_SHARE * interval.max)) {
    return { change: 'higher', ...said };
  }
  if (median < interval.min - Math.max(least, MARGIN_SHARE * interval.min)) {
    return { change: 'lower', ...said };
  }
  return null;
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] as number)) / 2;
}
