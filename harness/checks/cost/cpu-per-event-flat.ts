/**
 * `cpu-per-event-flat`: an event of a stream costs the same at its end as at its begin. Statistics that are
 * counted again over the whole session at each event cost more and more.
 */
import { type Check, check } from '../check.ts';
import { type CostState, keepCost, LEAST_CPU_MS } from './costs.ts';

/** A tenth of growth is garbage collection; three times is a scan over what has come so far. */
const MAX_GROWTH = 2;

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
      const base = { phase: 'fault' as const, limit: { value: MAX_GROWTH, unit: 'x' } };
      if (!first || !last || first === last) {
        const message = 'the cost of events was not measured twice';
        const verdict = complete ? 'inconclusive' : 'pass';
        return { ...base, verdict, message, measured: null };
      }
      const perEventMs = (cpuMs: number, size: number): number =>
        Math.max(cpuMs, LEAST_CPU_MS) / size;
      const growth = perEventMs(last.cpuMs, last.size) / perEventMs(first.cpuMs, first.size);
      const measured = { value: Math.round(growth * 100) / 100, unit: 'x' };
      const message = `${first.size} events took ${Math.round(first.cpuMs)} ms of CPU at the begin, ${last.size} took ${Math.round(last.cpuMs)} ms at the end`;
      return { ...base, verdict: growth > MAX_GROWTH ? 'fail' : 'pass', message, measured };
    },
  });
}
