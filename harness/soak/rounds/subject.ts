/** What a soak works on: something that does a fixed amount of work, rests, and can be read. */
import type { Reading } from '../resources/reading.ts';

export interface Subject {
  /** Names one process for ever: another one begins another segment. */
  readonly identity: string;
  /**
   * Does a round's work and resolves when all of it has ended.
   * @param size as a share of the usual amount.
   * @throws TargetStuck, TargetEnded
   */
  work(size: number, signal: AbortSignal): Promise<Work>;
  /** Waits until nothing moves any more, and at least so long. */
  rest(atLeastMs: number, signal: AbortSignal): Promise<Rest>;
  read(signal: AbortSignal): Promise<Reading>;
}

export interface Work {
  operations: number;
  /** Connections that were opened for it; null when that is not known. */
  connections: number | null;
  /** Operations that did not end as declared, and those that were given up. */
  failed: number;
  unknown: number;
  tookMs: number;
  p50Ms: number;
  p99Ms: number;
  /** The first failure in words; null without one. */
  firstFailure: string | null;
}

export interface Rest {
  tookMs: number;
  /** Nothing moved any more when it ended; false when the wait was over first. */
  isStill: boolean;
  /** CPU time that was used while nothing was asked, in milliseconds a second. */
  idleCpu: number;
}

/** Time as a soak sees it: the machine's, or a replayed one. */
export interface Clock {
  /** Milliseconds since any fixed instant. */
  nowMs(): number;
}

/** Requests are open, and none of them has ended for longer than the limit of a request. */
export class TargetStuck extends Error {
  override readonly name = 'TargetStuck';
}

/** The target has ended, and nobody here had asked for it. */
export class TargetEnded extends Error {
  override readonly name = 'TargetEnded';
}
