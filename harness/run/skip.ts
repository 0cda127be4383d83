/** Whether a target can serve a scenario, and why not. */

import type { Scenario } from '../scenario/scenario.ts';
import { NEEDS, type Need } from '../target/needs.ts';
import type { Target } from '../target/target.ts';

/** Why this scenario cannot be run on this target, null when it can. */
export function skipReason(
  scenario: Scenario,
  { offers, withheld }: Pick<Target, 'offers' | 'withheld'>,
): string | null {
  const missing = scenario.needs.filter((need) => !offers.has(need));
  if (missing.length === 0) return null;
  const known = missing.flatMap((need) => withheld?.get(need) ?? []);
  if (known.length > 0) return listOf([...new Set(known)]);
  return `the target does not offer ${listOf(missing.map((need: Need) => NEEDS[need]))}`;
}

function listOf(parts: readonly string[]): string {
  if (parts.length < 2) return parts.join('');
  return `${parts.slice(0, -1).join(', ')} or ${parts.at(-1)}`;
}
