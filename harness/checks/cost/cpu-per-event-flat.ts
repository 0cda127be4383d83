/**
 * `cpu-per-event-flat`: an event of a stream costs the same whatever has come before it. Statistics that are
 * counted again over the whole session at each event cost more and more.
 */
import { type Check, check } from '../check.ts';
import { type CostState, keepCost, LEAST_CPU_MS } from './costs.ts';

/** A tenth of growth is garbage collection; a scan over what has come so far costs several times as much. */
const MAX_GROWTH = 1;

export function cpuPerEventFlat(): Check {
  return check<CostState>({
    name: 'cpu-per-event-flat',
    needs: ['stream'],
    start: () => ({ costs: [] }),
    on: { cost: keepCost },
    finding({ costs }, { complete }) {
      const inOrder = costs.filter(({ size }) => size > 0);
      const [first] = inOrder;
      const last = inOrder.at(-1);
      const base = { phase: 'fault' as const, limit: { value: MAX_GROWTH, unit: 'x more' } };
      if (!first || !last || first === last) {
        const message = 'the cost of events was not measured twice';
        const verdict = complete ? 'inconclusive' : 'pass';
        return { ...base, verdict, message, measured: null };
      }
      const perEventMs = (cpuMs: number, size: number): number =>
        Math.max(cpuMs, LEAST_CPU_MS) / size;
      const times = perEventMs(last.cpuMs, last.size) / perEventMs(first.cpuMs, first.size);
      const growth = Math.max(0, times - 1);
      const measured = { value: Math.round(growth * 100) / 100, unit: 'x more' };
      const message = `${first.size} events took ${Math.round(first.cpuMs)} ms of CPU at first (${first.what}), ${last.size} took ${Math.round(last.cpuMs)} ms at last (${last.what})`;
      return { ...base, verdict: growth > MAX_GROWTH ? 'fail' : 'pass', message, measured };
    },
  });
}
