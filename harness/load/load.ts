/** The requests that a scenario sends. */
import { z } from 'zod';
import type { Environment } from '../environment/environment.ts';
import { OPERATION_KINDS, PHASES, type Phase } from '../history/events.ts';
import type { Need } from '../target/needs.ts';

export interface Load {
  name: string;
  /** What a target must offer for it. */
  needs: readonly Need[];
  /** Left out where the target does not offer that: see `ifOffered`. */
  readonly ifOffered?: boolean;
  /** The phases in which it sends; contiguous. */
  during: readonly Phase[];
  /** It never runs out of requests: the end of a phase does not wait for it. */
  endless?: boolean;
  /** Its warmup watches what each operation calls: it comes first, while nothing else goes on. */
  watches?: boolean;
  /**
   * One round of the same requests, before anything is measured: as many at a time as the load has open,
   * so that pools have filled, and left in the same way.
   */
  warmup(environment: Environment, stop: AbortSignal): Promise<void>;
  /**
   * Sends until it has no more to send or `stop` says so. Resolves then, whether or not all its
   * requests have been answered: those that are open are known to `environment.requests`.
   */
  run(environment: Environment, stop: AbortSignal): Promise<void>;
}

/** The option `during` of a load. */
export const duringShape = z.array(z.enum(PHASES)).min(1);
/** The option `kinds`: which operations a load sends. */
export const kindsShape = z.array(z.enum(OPERATION_KINDS)).min(1);

export const THROUGH_FAULT: readonly Phase[] = ['baseline', 'fault', 'recovery'];
