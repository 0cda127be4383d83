/** The requests that a scenario sends. */
import type { Phase } from '../history/events.ts';
import type { Environment } from '../run/environment.ts';
import type { Need } from '../scenario/needs.ts';

export interface Load {
  name: string;
  /** What a target must offer for it. */
  needs: readonly Need[];
  /** The phases in which it sends; contiguous. */
  during: readonly Phase[];
  /** It never runs out of requests: the end of a phase does not wait for it. */
  endless?: boolean;
  /** Its warmup watches what each operation calls: it comes first, while nothing else goes on. */
  watches?: boolean;
  /** One small round of the same requests, before anything is measured. */
  warmup(environment: Environment, stop: AbortSignal): Promise<void>;
  /**
   * Sends until it has no more to send or `stop` says so. Resolves then, whether or not all its
   * requests have been answered: those that are open are known to `environment.requests`.
   */
  run(environment: Environment, stop: AbortSignal): Promise<void>;
}

export const THROUGH_FAULT: readonly Phase[] = ['baseline', 'fault', 'recovery'];
