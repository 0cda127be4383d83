/**
 * The lanes to the model: uploads, searches, chat turns and background work have permits of their
 * own, so that none can starve another, and each says how patient it is.
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

/** What is really applied; what is *declared* stays in the configuration. */
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
  /** What one attempt may take by the configuration, whatever is really applied. */
  readonly declaredMs: number;
  readonly patience: Patience;
  /** Attempts a call. Background work has one: its row is put back and comes again. */
  readonly attempts: number;
}

export function deadlinesOf(config: Config): Deadlines {
  const { attemptMs, idleMs } = config;
  const patience = { attemptMs, firstByteMs: attemptMs, idleMs };
  return {
    requestMs: config.requestMs,
    turnMs: config.turnMs,
    request: patience,
    // An answer that goes on and on may take as long as its turn.
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

/** Without limits: no work is ever called off. */
export const noDeadlines: Deadlines = {
  requestMs: POSITIVE_INFINITY,
  turnMs: POSITIVE_INFINITY,
  request: endlessPatience,
  turn: endlessPatience,
  background: endlessPatience,
};
