/** Where each bar of the swimlane stands: rows in lanes, such that no two bars of a row overlap. */
import { type Bars, type Lane, OUTCOMES } from '../../timeline-data.ts';

export interface PlacedLane {
  lane: Lane;
  /** The bars of each row, as indices, in the order of time. */
  rows: number[][];
  top: number;
  height: number;
  /** How many of its bars had not ended. */
  stuck: number;
}

export interface LaneLayout {
  lanes: PlacedLane[];
  rowHeight: number;
  height: number;
}

const LANE_GAP = 10;
/** A lane is at least as high as its name and count. */
const LEAST_LANE = 30;
const TALLEST_ROW = 15;
const LOWEST_ROW = 3;
/** Rows become lower until everything fits into so many pixels; beyond, the picture scrolls. */
const WANTED_HEIGHT = 400;

/** A request that had not ended, or that hanglab gave up: the server may still be working on it. */
export function isStuck(bars: Bars, index: number): boolean {
  const outcome = OUTCOMES[bars.outcome[index] as number];
  return outcome === 'open' || outcome === 'unknown';
}

export function layOutLanes(bars: Bars): LaneLayout {
  const byLane: number[][] = bars.lanes.map(() => []);
  for (const [index, lane] of bars.lane.entries()) byLane[lane]?.push(index);
  const packed = byLane.map((indices) => packRows(bars, indices));
  const rowCount = packed.reduce((sum, rows) => sum + rows.length, 0);
  const gaps = bars.lanes.length * LANE_GAP;
  const fitting = Math.floor((WANTED_HEIGHT - gaps) / Math.max(1, rowCount));
  const rowHeight = Math.max(LOWEST_ROW, Math.min(TALLEST_ROW, fitting));
  const lanes = bars.lanes
    .map((lane, i): PlacedLane => {
      const rows = packed[i] as number[][];
      const height = Math.max(LEAST_LANE, rows.length * rowHeight);
      const stuck = (byLane[i] as number[]).filter((index) => isStuck(bars, index)).length;
      return { lane, rows, top: 0, height, stuck };
    })
    .toSorted((a, b) => rankOf(a) - rankOf(b));
  let top = 6;
  for (const placed of lanes) {
    placed.top = top;
    top += placed.height + LANE_GAP;
  }
  return { lanes, rowHeight, height: top };
}

const GROUPS = ['clients', 'accepted work', 'upstream calls'];

/** Clients first; in each group those with stuck bars first. */
function rankOf({ lane, stuck }: PlacedLane): number {
  return 2 * GROUPS.indexOf(lane.group) + (stuck > 0 ? 0 : 1);
}

/** Each bar into the first row that is free; rows with a stuck bar come first. */
function packRows(bars: Bars, indices: readonly number[]): number[][] {
  const rows: number[][] = [];
  const ends: number[] = [];
  for (const index of indices) {
    const fromMs = bars.fromMs[index] as number;
    const free = ends.findIndex((end) => end <= fromMs);
    const row = free < 0 ? rows.push([]) - 1 : free;
    rows[row]?.push(index);
    ends[row] = Math.max(fromMs + 1, bars.toMs[index] as number);
  }
  const hasStuck = (row: readonly number[]): number =>
    row.some((index) => isStuck(bars, index)) ? 0 : 1;
  return rows.toSorted((a, b) => hasStuck(a) - hasStuck(b));
}

/** The bar of `row` that is nearest to `t`, within `toleranceMs`; -1 when there is none. */
export function barNear(
  bars: Bars,
  row: readonly number[],
  t: number,
  toleranceMs: number,
): number {
  const after = firstEndingAfter(bars, row, t - toleranceMs);
  let best = -1;
  let bestMs = toleranceMs;
  for (let i = after; i < Math.min(row.length, after + 3); i++) {
    const index = row[i] as number;
    const awayMs = Math.max(
      (bars.fromMs[index] as number) - t,
      t - (bars.toMs[index] as number),
      0,
    );
    if (awayMs <= bestMs) [best, bestMs] = [index, awayMs];
  }
  return best;
}

/** The first position in `row` whose bar ends at or after `t`. Bars of a row do not overlap, so ends are sorted. */
export function firstEndingAfter(bars: Bars, row: readonly number[], t: number): number {
  let low = 0;
  let high = row.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((bars.toMs[row[middle] as number] as number) < t) low = middle + 1;
    else high = middle;
  }
  return low;
}
