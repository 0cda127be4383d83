/**
 * The lanes to the model: uploads, searches, chat turns and background work have separate permits, so
 * that none can starve another, and separate limits.
 */
import type { Config } from './config/schema.ts';
import type { Permits } from './permits.ts';

/** How long a model call may take. Infinity: no limit. */
export interface Patience {
  /** One attempt, end to end. */
  attemptMs: number;
  /** Silence before the first byte of the answer. */
  firstByteMs: number;
  /** Silence between two pieces of an answer, counted from its first byte. */
  idleMs: number;
}

/** The limits that are applied; those that are *declared* stay in the configuration. */
export interface Deadlines {
  requestMs: number;
  turnMs: number;
  request: Patience;
  turn: Patience;
  background: Patience;
}

export interface Lane {
  readonly name: 'request' | 'search' | 'turn' | 'session' | 'background';
  readonly permits: Permits;
  /** How long one attempt may take according to the configuration. */
  readonly declaredMs: number;
  readonly patience: Patience;
  /** Attempts per call. Background work has one: its row is put back and retried later. */
  readonly attempts: number;
}

export function deadlinesOf(config: Config): Deadlines {
  const { attemptMs, idleMs } = config;
  const patience = { attemptMs, firstByteMs: attemptMs, idleMs };
  return {
    requestMs: config.requestMs,
    turnMs: config.turnMs,
    request: patience,
    // A long answer may take as long as its turn.
    turn: { ...patience, attemptMs: config.turnMs },
    background: patience,
  };
}

const { POSITIVE_INFINITY } = Number;

/** Without limits: a model call is never given up. */
export const endlessPatience: Patience = {
  attemptMs: POSITIVE_INFINITY,
  firstByteMs: POSITIVE_INFINITY,
  idleMs: POSITIVE_INFINITY,
};

/** Without limits: no work is ever cancelled. */
export const noDeadlines: Deadlines = {
  requestMs: POSITIVE_INFINITY,
  turnMs: POSITIVE_INFINITY,
  request: endlessPatience,
  turn: endlessPatience,
  background: endlessPatience,
};
