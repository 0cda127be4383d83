/** Whether a target can serve a scenario, and why not. */

import { fittedTo } from '../scenario/fitted.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { NEEDS, type Need } from '../target/needs.ts';
import type { Target } from '../target/target.ts';

/** Why this scenario cannot be run on this target, null when it can. */
export function skipReason(
  scenario: Scenario,
  {
    offers,
    withheld,
    upstreams,
    neverCalled,
  }: Pick<Target, 'offers' | 'withheld' | 'upstreams' | 'neverCalled'>,
): string | null {
  const { upstream } = scenario;
  if (upstream !== undefined && upstream in upstreams && neverCalled?.has(upstream)) {
    return `the server never called ${upstream}`;
  }
  const missing = scenario.needs.filter((need) => !offers.has(need));
  if (missing.length === 0) {
    if (upstream !== undefined && !(upstream in upstreams)) {
      return `the target has no upstream "${upstream}"`;
    }
    return fittedTo(scenario, offers).load.length > 0
      ? null
      : 'the target offers no operation that it could send';
  }
  const known = missing.flatMap((need) => withheld?.get(need) ?? []);
  if (known.length > 0) return listOf([...new Set(known)]);
  return `the target does not offer ${listOf(missing.map((need: Need) => NEEDS[need]))}`;
}

function listOf(parts: readonly string[]): string {
  if (parts.length < 2) return parts.join('');
  return `${parts.slice(0, -1).join(', ')} or ${parts.at(-1)}`;
}
