/** What is known of one scenario after it has been run on both versions as often as it took. */
import { decide, type Outcome, type Pair } from './decide.ts';
import { type Difference, differences, median } from './numbers.ts';
import { type ComparedPlaces, comparePlaces } from './places.ts';
import type { Side, SideRun } from './side-run.ts';

export interface ComparedScenario {
  name: string;
  outcome: Outcome;
  /** How often what was seen. */
  because: string;
  /** Where both stood still; null unless both fail. */
  places: ComparedPlaces | null;
  numbers: readonly Difference[];
  /** null for a side that was never out, or not in every run. */
  outages: Readonly<Record<Side, OutageSummary | null>>;
  pairs: readonly Pair[];
}

export interface OutageSummary {
  /** The median of the longest outage of each run. */
  longestMs: number;
  /** `before the heal`: while the fault lasted; `varies`: not the same in all runs. */
  ended: 'before the heal' | 'after the heal' | 'never' | 'varies';
}

/** @param pairs all that were run; @param most how many were allowed. */
export function comparedScenario(
  name: string,
  pairs: readonly Pair[],
  most: number,
): ComparedScenario {
  const decision = decide(pairs, most);
  const { outcome, because } =
    decision.state === 'decided'
      ? decision
      : { outcome: 'undecided' as const, because: 'the comparison ended before it was decided' };
  const runsOf = (side: Side): SideRun[] => pairs.map((pair) => pair[side]);
  return {
    ...{ name, outcome, because, pairs },
    places: outcome === 'both fail' ? comparePlaces(runsOf('a'), runsOf('b')) : null,
    numbers: differences(pairs),
    outages: { a: outageOf(runsOf('a')), b: outageOf(runsOf('b')) },
  };
}

function outageOf(runs: readonly SideRun[]): OutageSummary | null {
  const clear = runs.filter(({ verdict }) => verdict !== 'inconclusive');
  const outages = clear.map(({ measures }) => measures.outage);
  if (outages.length === 0 || outages.some(({ longestMs }) => longestMs === 0)) return null;
  const endings = new Set(
    outages.map(({ isOpen, endedBeforeHeal }) =>
      isOpen ? 'never' : endedBeforeHeal ? 'before the heal' : 'after the heal',
    ),
  );
  const [only = 'varies'] = endings;
  return {
    longestMs: median(outages.map(({ longestMs }) => longestMs)),
    ended: endings.size === 1 ? only : 'varies',
  };
}

/** The run that stands for a side: the last one with its usual verdict, with a diagnosis if there is one. */
export function typicalRun({ pairs }: ComparedScenario, side: Side): SideRun | null {
  const runs = pairs.map((pair) => pair[side]);
  const groups = [...Map.groupBy(runs, ({ verdict }) => verdict).values()];
  const usual = groups.toSorted((x, y) => y.length - x.length)[0] ?? [];
  return usual.findLast(({ diagnosis }) => diagnosis !== null) ?? usual.at(-1) ?? null;
}

/** Of all scenarios: broken beats undecided beats everything else, which is the same or better. */
export function overall(
  scenarios: readonly Pick<ComparedScenario, 'outcome'>[],
): 'broken' | 'undecided' | 'same or better' {
  const outcomes = scenarios.map(({ outcome }) => outcome);
  if (outcomes.includes('broken')) return 'broken';
  return outcomes.includes('undecided') ? 'undecided' : 'same or better';
}
