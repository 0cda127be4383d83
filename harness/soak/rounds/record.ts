/** What is kept of each round, one line of `rounds.ndjson`: enough to judge again, and to go on after a crash. */
import type { Series } from '../statistics/series.ts';
import type { Rest, Work } from './subject.ts';

/** `late`: one more reading, long after the last round, where something looks like a leak. */
export const ROUND_KINDS = ['warmup', 'idle', 'single', 'double', 'late'] as const;
export type RoundKind = (typeof ROUND_KINDS)[number];

export interface RoundRecord {
  kind: RoundKind;
  /** From 0, one for each process of the target. */
  segment: number;
  /** Milliseconds of the soak so far, pauses between its parts left out. */
  atMs: number;
  /** null where nothing was done: a reading at rest. */
  work: Work | null;
  rest: Rest;
  /** By the name of the resource. */
  values: Readonly<Record<string, number>>;
}

/** Names of all resources that were ever read, in the order of their first appearance. */
export function resourceNames(records: readonly RoundRecord[]): string[] {
  return [...new Set(records.flatMap(({ values }) => Object.keys(values)))];
}

/**
 * The series of one resource. A kind of thing that was not there has the count 0; what could not be read once
 * (the heap of a process that was late) leaves out its round.
 * @param isCount of things, so that a missing one is none.
 */
export function seriesOf(records: readonly RoundRecord[], name: string, isCount: boolean): Series {
  const valueIn = ({ values }: RoundRecord): number | null => values[name] ?? (isCount ? 0 : null);
  const numbers = [...new Set(records.map(({ segment }) => segment))];
  const segments = numbers.flatMap((segment) => {
    const own = records.filter((record) => record.segment === segment);
    const start = own.findLast(({ kind }) => kind === 'warmup' || kind === 'idle');
    const startValue = start ? valueIn(start) : null;
    if (startValue === null) return [];
    let before = 0;
    const rounds = own.flatMap((record) => {
      if (record.kind !== 'single' && record.kind !== 'double') return [];
      const operations = before + (record.work?.operations ?? 0);
      const value = valueIn(record);
      before = value === null ? operations : 0;
      return value === null ? [] : [{ operations, value, isDouble: record.kind === 'double' }];
    });
    return rounds.length > 0 ? [{ start: startValue, rounds }] : [];
  });
  // Of the first process only: what another one differs by is no noise.
  const [first] = numbers;
  const atRest = records.filter(({ segment, kind }) => segment === first && kind === 'idle');
  const lastWarmup = records.findLast(
    ({ segment, kind }) => segment === first && kind === 'warmup',
  );
  const idle = [...(lastWarmup ? [lastWarmup] : []), ...atRest].flatMap(
    (record) => valueIn(record) ?? [],
  );
  return { segments, idle };
}

/** Rounds whose work was measured: all but warmup and rest. */
export function measured(records: readonly RoundRecord[]): (RoundRecord & { work: Work })[] {
  return records.filter(
    (record): record is RoundRecord & { work: Work } =>
      (record.kind === 'single' || record.kind === 'double') && record.work !== null,
  );
}
