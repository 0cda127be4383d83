/** What a scenario injects and then heals. */
import type { Environment, LinkName } from '../run/environment.ts';

export interface Fault {
  name: string;
  link: LinkName;
  /** Puts it in force; disposing heals. */
  inject(environment: Environment): Promise<AsyncDisposable>;
  /**
   * The evidence that it bit, asked for just before it is healed; null when it did not, and the run
   * is then inconclusive.
   */
  fired(environment: Environment): Promise<string | null>;
}
