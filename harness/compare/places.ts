/** Whether two versions that both fail stand still at the same place. */
import { basename } from 'node:path';
import { placeOf, type SideRun } from './side-run.ts';

export interface ComparedPlaces {
  /** `unknown`: of one side or both, no place was named. */
  relation: 'same' | 'moved' | 'unknown';
  /** `worker.py:88`; null where none was named. */
  a: string | null;
  b: string | null;
}

interface NamedPlace {
  key: string;
  text: string;
}

/**
 * By the place that most of the failed runs of each side name. A function that stands some lines further
 * down in the new version is the same place.
 */
export function comparePlaces(a: readonly SideRun[], b: readonly SideRun[]): ComparedPlaces {
  const [placeA, placeB] = [a, b].map(usualPlace);
  const texts = { a: placeA?.text ?? null, b: placeB?.text ?? null };
  if (!placeA || !placeB) return { relation: 'unknown', ...texts };
  return { relation: placeA.key === placeB.key ? 'same' : 'moved', ...texts };
}

function usualPlace(runs: readonly SideRun[]): NamedPlace | null {
  const named = runs.flatMap((run) => {
    const place = placeOf(run);
    if (run.verdict !== 'fail' || place === null) return [];
    const file = basename(place.file);
    return [{ key: `${file} ${place.function}`, text: `${file}:${place.line}` }];
  });
  const groups = [...Map.groupBy(named, ({ key }) => key).values()];
  const [largest] = groups.toSorted((x, y) => y.length - x.length);
  return largest?.[0] ?? null;
}
