/** A comparison in words: the same in the terminal and in Markdown. */
import { formatMs } from '../platform/duration.ts';
import type { ComparedScenario, OutageSummary } from './compared.ts';
import { typicalRun } from './compared.ts';
import type { Difference } from './numbers.ts';
import type { ComparedPlaces } from './places.ts';
import { failures } from './side-run.ts';

/** `fixed`, `both fail (moved: x.py:88 -> y.py:12)`. */
export function outcomeText({ outcome, places }: ComparedScenario): string {
  return places === null ? outcome : `${outcome} (${placesText(places)})`;
}

function placesText({ relation, a, b }: ComparedPlaces): string {
  if (relation === 'same') return a === b ? `same place: ${a}` : `same place: ${a} -> ${b}`;
  if (relation === 'moved') return `moved: ${a} -> ${b}`;
  if (a === null && b === null) return 'no place was named';
  return `only ${a === null ? 'b' : 'a'} was seen to stand somewhere: ${a ?? b}`;
}

/** What else is known of a scenario, a sentence each. */
export function detailTexts(compared: ComparedScenario): string[] {
  return [
    compared.because,
    ...failureTexts(compared),
    ...outageTexts(compared),
    ...compared.numbers.filter(({ name }) => name !== 'outage').map(differenceText),
  ];
}

/** Of the side that failed, or of both: what the checks said, and where it stood. */
function failureTexts(compared: ComparedScenario): string[] {
  return (['a', 'b'] as const).flatMap((side) => {
    const run = typicalRun(compared, side);
    if (run === null || run.verdict === 'pass') return [];
    const [first] = run.verdict === 'fail' ? failures(run) : [];
    const doubt = run.findings.find(({ verdict }) => verdict === 'inconclusive');
    const told = first ?? doubt;
    const cause = run.diagnosis ? [`${side}: ${run.diagnosis.sentence}`] : [];
    return [...(told ? [`${side}: ${told.check}: ${told.message}`] : []), ...cause];
  });
}

/** Only where the versions differ in it beyond what one version differs by, or in how it ended. */
function outageTexts({ outages, numbers }: ComparedScenario): string[] {
  const { a, b } = outages;
  const differ =
    numbers.some(({ name }) => name === 'outage') || (a?.ended ?? '') !== (b?.ended ?? '');
  if (!differ) return [];
  return (['a', 'b'] as const).flatMap((side) => {
    const outage = outages[side];
    return outage === null ? [] : [`${side} was out ${outageText(outage)}`];
  });
}

export function outageText({ longestMs, ended }: OutageSummary): string {
  const time = formatMs(longestMs);
  return {
    'before the heal': `for ${time}, and came back while the fault lasted`,
    'after the heal': `for as long as the fault lasted (${time})`,
    never: `from then on: it did not come back in the ${time} that it was watched`,
    varies: `for ${time}`,
  }[ended];
}

export function differenceText({ name, unit, a, b, withinOneVersion }: Difference): string {
  const change = `${quantity(a, unit)} -> ${quantity(b, unit)}`;
  return `${name} ${change} (runs of one version differ by up to ${quantity(withinOneVersion, unit)})`;
}

function quantity(value: number, unit: Difference['unit']): string {
  if (unit === 'ms') return formatMs(value);
  if (unit === 'bytes') return `${Number((value / 1e6).toFixed(1))} MB`;
  return String(value);
}
