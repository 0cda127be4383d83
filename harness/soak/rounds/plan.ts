/** How many rounds, and how much time each of them gets. */
import { LEAST_ROUNDS } from '../statistics/round-sizes.ts';

export interface Plan {
  warmupRounds: number;
  /** Readings at rest without work: the A/A run. */
  idleReadings: number;
  /** Rounds before it is decided whether rounds with twice the work are needed. */
  rounds: number;
  /** How long the work of a round should take; it is measured once, and is the same amount after that. */
  workMs: number;
  /** A fixed number of operations a round, in place of `workMs`. */
  operations: number | null;
}

const WARMUP_ROUNDS = 2;
const IDLE_READINGS = 3;
/** Where neither a time nor a size is given. */
const DEFAULT_WORK_MS = 10_000;
/** In a long soak a round takes a minute, until there are so many that more of them say no more. */
const ROUND_MS = 60_000;
const MOST_ROUNDS = 90;
/** Twice the work four times, and warmup: so many rounds' work besides. */
const OTHER_WORK = 8 + WARMUP_ROUNDS;
const OTHER_RESTS = 4 + WARMUP_ROUNDS + IDLE_READINGS;
const LEAST_WORK_MS = 1_000;
/** A rest takes a little longer than the time in which nothing may move. */
const REST_MS = 1_000;

export interface PlanOptions {
  /** How long the soak should take: about. */
  forMs?: number | null;
  rounds?: number | null;
  operations?: number | null;
  /** In which nothing may move before a value is read. */
  stillMs: number;
}

export function planOf({
  forMs = null,
  rounds = null,
  operations = null,
  stillMs,
}: PlanOptions): Plan {
  const fixed = { warmupRounds: WARMUP_ROUNDS, idleReadings: IDLE_READINGS, operations };
  if (forMs === null) return { ...fixed, rounds: rounds ?? LEAST_ROUNDS, workMs: DEFAULT_WORK_MS };
  const count =
    rounds ?? Math.min(MOST_ROUNDS, Math.max(LEAST_ROUNDS, Math.floor(forMs / ROUND_MS)));
  const restsMs = (count + OTHER_RESTS) * (stillMs + REST_MS);
  const workMs = Math.max(LEAST_WORK_MS, (forMs - restsMs) / (count + OTHER_WORK));
  return { ...fixed, rounds: count, workMs: Math.round(workMs) };
}

/** The shortest time in which a soak can say anything. */
export function leastMs(stillMs: number): number {
  return (
    (LEAST_ROUNDS + OTHER_RESTS) * (stillMs + REST_MS) + (LEAST_ROUNDS + OTHER_WORK) * LEAST_WORK_MS
  );
}
