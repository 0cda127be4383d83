/** A difference from the baseline, in a sentence. */
import { formatMs } from '../../platform/duration.ts';
import { plural } from '../../platform/plural.ts';
import type { Difference } from './compare-baseline.ts';

export function differenceText(difference: Difference): string {
  const { name, variant, change, check, before, now, unit } = difference;
  const title = variant ? `${name} + ${variant}` : name;
  const inUnit = (value: number): string =>
    unit === 'ms' ? formatMs(value) : `${Number(value.toFixed(2))} ${unit}`;
  const numbers =
    before && now !== null
      ? `${inUnit(now)}, ${plural(before.runs, 'run')} before ${inUnit(before.min)} to ${inUnit(before.max)}`
      : '';
  switch (change) {
    case 'broken':
      return `${title}: broken: it always passed before`;
    case 'fixed':
      return `${title}: fixed: it always failed before`;
    case 'unsteady':
      return `${title}: failed, as it did in some of the runs before`;
    case 'new':
      return `${title}: not in the baseline`;
    case 'higher':
      return `${title}: ${check} is higher: ${numbers}`;
    case 'lower':
      return `${title}: ${check} is lower: ${numbers}`;
    case 'other-limit':
      return `${title}: ${check} has another limit than in the baseline, so it is not compared`;
  }
}
