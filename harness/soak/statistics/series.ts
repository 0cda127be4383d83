/**
 * What one resource held after each round of a soak. A round is one fixed amount of work followed by rest, and
 * leaves one value: so the values of different rounds can be compared, which those of a live series cannot.
 */

export interface SeriesRound {
  /** How many operations its work was. */
  operations: number;
  /** What the resource held when the target was at rest again. */
  value: number;
  /** One of the rounds with twice the work, which come last. */
  isDouble: boolean;
}

/** The rounds of one process. A target that was started again begins another one. */
export interface Segment {
  /** What it held after warmup. */
  start: number;
  rounds: readonly SeriesRound[];
}

export interface Series {
  segments: readonly Segment[];
  /** Readings one after another without any work between them, taken after warmup: the A/A run. */
  idle: readonly number[];
}

/** A value beside the operations of its segment so far. */
export interface Point {
  operations: number;
  value: number;
}

/** What one round added. */
export interface Increment {
  operations: number;
  growth: number;
  isDouble: boolean;
}

/** The points of a segment, the one after warmup first. */
export function pointsOf({ start, rounds }: Segment): Point[] {
  const points = [{ operations: 0, value: start }];
  for (const { operations, value } of rounds) {
    points.push({ operations: (points.at(-1) as Point).operations + operations, value });
  }
  return points;
}

/** What each round added, over all segments in order. */
export function incrementsOf({ segments }: Pick<Series, 'segments'>): Increment[] {
  return segments.flatMap(({ start, rounds }) =>
    rounds.map(({ operations, value, isDouble }, i) => ({
      operations,
      growth: value - (rounds[i - 1]?.value ?? start),
      isDouble,
    })),
  );
}

/** The last `count` rounds, each segment with the value that its first one began with. */
export function lastRounds(segments: readonly Segment[], count: number): Segment[] {
  let left = count;
  const kept: Segment[] = [];
  for (const { start, rounds } of segments.toReversed()) {
    const dropped = Math.max(0, rounds.length - left);
    if (left > 0) {
      kept.unshift({ start: rounds[dropped - 1]?.value ?? start, rounds: rounds.slice(dropped) });
    }
    left -= rounds.length - dropped;
  }
  return kept;
}

/** More rounds say no more, and comparing each with each would take ever longer. */
const MOST_ROUNDS = 96;

/**
 * The same series with at most 96 rounds: neighbours are taken as one round, with the work of both and the
 * value of the last. Rounds with twice the work stay apart from the others.
 */
export function thinned({ segments, idle }: Series): Series {
  const total = segments.reduce((sum, { rounds }) => sum + rounds.length, 0);
  const each = Math.ceil(total / MOST_ROUNDS);
  if (each <= 1) return { segments, idle };
  return {
    idle,
    segments: segments.map(({ start, rounds }) => {
      const joined: SeriesRound[] = [];
      let left = 0;
      for (const round of rounds) {
        const last = joined.at(-1);
        if (last && left > 0 && last.isDouble === round.isDouble) {
          joined[joined.length - 1] = { ...round, operations: last.operations + round.operations };
          left--;
        } else {
          joined.push(round);
          left = each - 1;
        }
      }
      return { start, rounds: joined };
    }),
  };
}
