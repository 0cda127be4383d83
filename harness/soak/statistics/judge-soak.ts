/** The verdict over all resources of a soak. Pure. */
import { holm } from './holm.ts';
import { judgeSeries, type Scale, type SeriesJudgement } from './judge-series.ts';
import type { Series } from './series.ts';

export type SoakVerdict = 'flat' | 'leak' | 'undecided';

export interface JudgedSeries extends Omit<SeriesJudgement, 'grows' | 'isFlat'> {
  verdict: SoakVerdict;
}

/** The chance that anything at all is called a leak by accident. */
export const LEVEL = 0.01;

/** Judges each resource, by its name. */
export function judgeSoak(
  resources: ReadonlyMap<string, { series: Series; scale: Scale }>,
): Map<string, JudgedSeries> {
  const judged = [...resources].map(([name, { series, scale }]) => ({
    name,
    found: judgeSeries(series, scale),
  }));
  const stands = holm(
    judged.map(({ found }) => found.likelihood),
    LEVEL,
  );
  return new Map(
    judged.map(({ name, found }, i) => [name, withVerdict(found, stands[i] ?? false)] as const),
  );
}

function withVerdict({ grows, isFlat, ...rest }: SeriesJudgement, stands: boolean): JudgedSeries {
  if (grows && stands) return { ...rest, verdict: 'leak' };
  if (isFlat) return { ...rest, verdict: 'flat' };
  return { ...rest, verdict: 'undecided', doubt: grows ? 'chance' : rest.doubt };
}

/**
 * What seems to leak, but comes back by half of its growth when nothing is asked for a while, is kept on purpose
 * for some time. @param late the value after that while.
 */
export function afterLate(
  judged: JudgedSeries,
  series: Series,
  late: number | undefined,
): JudgedSeries {
  if (judged.verdict !== 'leak' || late === undefined) return judged;
  const segment = series.segments.at(-1);
  const last = segment?.rounds.at(-1)?.value ?? late;
  const growth = last - (segment?.start ?? last);
  if (last - late <= growth / 2) return judged;
  return { ...judged, verdict: 'undecided', doubt: 'comes-back' };
}

/** A leak anywhere is a leak; flat is only what is flat everywhere. */
export function overall(verdicts: Iterable<SoakVerdict>): SoakVerdict {
  const all = [...verdicts];
  if (all.includes('leak')) return 'leak';
  return all.length > 0 && all.every((verdict) => verdict === 'flat') ? 'flat' : 'undecided';
}
