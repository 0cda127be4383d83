/** What a scenario injects and then heals. */
import type { Environment } from '../environment/environment.ts';
import type { Need } from '../target/needs.ts';

export interface Fault {
  readonly name: string;
  /** What a target must offer for it. */
  readonly needs: readonly Need[];
  /** Left out where the target does not offer that: see `ifOffered`. */
  readonly ifOffered?: boolean;
  /** The upstreams of this target that it touches: requests that do not use them are bystanders. */
  touches(environment: Pick<Environment, 'upstreams'>): readonly string[];
  /**
   * Puts it in force. Everything that it needs to know is in what it returns: the same fault may be
   * injected into two runs at once.
   */
  inject(environment: Environment): Promise<InjectedFault>;
}

/** A fault in force; disposing heals it. */
export interface InjectedFault extends AsyncDisposable {
  /**
   * Proof that the target's own traffic met it, asked for just before it is healed; null when it did not,
   * and the run is then inconclusive.
   */
  evidence(): Promise<string | null>;
}
