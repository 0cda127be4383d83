import type { Need } from '../target/needs.ts';
import type { Part } from './if-offered.ts';
import type { Scenario } from './scenario.ts';

/** The scenario with the parts for which the target offers what they need. */
export function fittedTo(scenario: Scenario, offers: ReadonlySet<Need>): Scenario {
  const offered = <T extends Part>(parts: readonly T[]): T[] =>
    parts.filter((part) => !part.ifOffered || part.needs.every((need) => offers.has(need)));
  const { load, faults, steadyState, always, afterRecovery, afterQuiesce } = scenario;
  return Object.freeze({
    ...scenario,
    load: offered(load),
    faults: offered(faults),
    steadyState: offered(steadyState),
    always: offered(always),
    afterRecovery: offered(afterRecovery),
    afterQuiesce: offered(afterQuiesce),
  });
}
