/**
 * The picture of a run as plain data: what lies on its time axis. Read by both sides, as `page-data.ts` is.
 *
 * Times are milliseconds since the run began.
 */

export interface Timeline {
  /** What is shown begins here: before, hanglab was only starting things. */
  fromMs: number;
  untilMs: number;
  phases: { name: string; fromMs: number; toMs: number }[];
  faults: FaultBand[];
  /** Time that does not count, or counts in part. */
  excluded: { fromMs: number; toMs: number; weight: number; reason: 'machine' | 'diagnosis' }[];
  marks: Mark[];
  /** What the target said of its own readiness; empty when it says nothing. */
  readiness: { fromMs: number; toMs: number; good: boolean; text: string }[];
  bars: Bars;
  charts: Chart[];
}

export interface FaultBand {
  name: string;
  injectedMs: number;
  /** null: not healed when the run ended. */
  healedMs: number | null;
  /** When it took effect first; null: it did not. */
  tookEffectMs: number | null;
  detail: string | null;
}

export interface Mark {
  t: number;
  kind: 'fail' | 'process' | 'blocked' | 'trouble' | 'note';
  text: string;
}

/** How a bar ended. `open`: it had not ended when the run did. */
export const OUTCOMES = ['ok', 'failed', 'unknown', 'left', 'open'] as const;

/**
 * Requests, accepted work and upstream calls as columns: one entry a bar in each array. Whole milliseconds.
 * An index of -1, and a first byte of -1, mean that there is none.
 */
export interface Bars {
  lanes: Lane[];
  lane: number[];
  id: number[];
  fromMs: number[];
  /** Of a bar that has not ended: the end of the timeline. */
  toMs: number[];
  /** Index in `OUTCOMES`. */
  outcome: number[];
  /** 1: it ended well, and took longer than it may. */
  slow: (0 | 1)[];
  status: number[];
  firstByteMs: number[];
  /** Index in `texts`: what it is about, and how it ended. */
  subject: number[];
  detail: number[];
  texts: string[];
}

export interface Lane {
  group: 'clients' | 'accepted work' | 'upstream calls';
  name: string;
  total: number;
  /** How many are not drawn, because there are too many: the shortest of those that ended well. */
  omitted: number;
}

/** One chart below the requests, on the same time axis. */
export interface Chart {
  id: string;
  title: string;
  unit: 'ms' | 'count' | 'bytes' | 'percent';
  /** `steps`: a count that stays until it changes. */
  style: 'line' | 'steps' | 'dots';
  scale: 'linear' | 'log';
  series: Series[];
  limits: readonly { label: string; value: number }[];
}

export interface Series {
  name: string;
  role: 'normal' | 'bad' | 'quiet' | 'good';
  t: number[];
  value: number[];
}
