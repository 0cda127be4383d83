/** A fault that is made of toxics on links: put in force on each of them, and proved by their traffic. */
import type { Environment } from '../../environment/environment.ts';
import type { Link } from '../../links/toxiproxy.ts';
import type { Fault } from '../fault.ts';
import { linkTraffic } from './link-traffic.ts';
import type { Selector } from './selector.ts';

export interface LinkFaultSpec {
  /** `silent` of `redis.silent`. */
  name: string;
  /** What is in force, for the evidence: `no answer comes back`. */
  what: string | ((environment: Environment) => string);
  apply(link: Link, environment: Environment): Promise<AsyncDisposable>;
}

export function linkFault(selector: Selector, { name, what, apply }: LinkFaultSpec): Fault {
  return {
    name: `${selector.label}.${name}`,
    needs: selector.needs,
    touches: selector.upstreams,
    async inject(environment) {
      await using applied = new AsyncDisposableStack();
      const traffic = applied.use(await linkTraffic(environment, selector));
      for (const link of selector.links(environment)) {
        applied.use(await apply(link, environment));
      }
      const injected = applied.move();
      const text = typeof what === 'function' ? what(environment) : what;
      return {
        async evidence() {
          const met = await traffic.since();
          return met && `${text}, ${met}`;
        },
        [Symbol.asyncDispose]: () => injected.disposeAsync(),
      };
    },
  };
}
