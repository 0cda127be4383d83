/** What was seen from outside, in one line. */
import type { HealthSeen, OutsideFacts } from '../facts/outside-facts.ts';
import { percent, seconds } from '../wording/numbers.ts';

export function outsideLine(seen: OutsideFacts, health: HealthSeen | null): string {
  const states = Object.entries(seen.states).map(([state, share]) => `${state} ${percent(share)}`);
  return `${seconds(seen.windowMs)} watched: first thread ${percent(seen.mainShare)} of a core (${percent(seen.systemShare)} of it in the kernel), state ${states.join(' ')}, kept from a core ${percent(seen.queuedShare)}, process ${percent(seen.processShare)}, steal ${percent(seen.stealShare)}; ${answers(seen, health)}`;
}

function answers({ accepts }: OutsideFacts, health: HealthSeen | null): string {
  if (health?.refused) {
    return `nothing listens at the health path (${health.refused}): the process may have closed its listener`;
  }
  if (health) {
    return `health ${health.answered} of ${health.asked} answered, slowest ${Math.round(health.worstMs)} ms (control ${Math.round(health.controlMs)} ms)`;
  }
  if (accepts === null) return 'no health path';
  return `a bare connection is ${accepts ? '' : 'not '}accepted`;
}
