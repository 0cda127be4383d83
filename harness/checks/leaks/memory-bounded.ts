/** `memory-bounded`: resident memory does not grow beyond a bound under load, since each queue has one. */
import { phasesOf } from '../../history/history.ts';
import type { Check } from '../check.ts';

const MB = 1_000_000;

export function memoryBounded({ growthMb }: { growthMb: number }): Check {
  return {
    name: 'memory-bounded',
    judge(history) {
      const { baseline } = phasesOf(history);
      const samples = history.of('process');
      const before = samples.findLast(({ t }) => baseline !== undefined && t <= baseline.toMs);
      const base = { check: 'memory-bounded' as const, limit: { value: growthMb, unit: 'MB' } };
      if (!before) {
        const message = 'not reached: no sample before the load';
        return { ...base, verdict: 'not-reached', phase: null, message, measured: null };
      }
      const most = samples.reduce((a, b) => (b.rssBytes > a.rssBytes ? b : a));
      const grownMb = Math.round((most.rssBytes - before.rssBytes) / MB);
      const measured = { value: grownMb, unit: 'MB' };
      const counts = `${Math.round(before.rssBytes / MB)} MB before the load, ${Math.round(most.rssBytes / MB)} MB at most`;
      const verdict = grownMb > growthMb ? 'fail' : 'pass';
      const message = verdict === 'fail' ? `memory grew without bound: ${counts}` : counts;
      return { ...base, verdict, phase: 'fault', message, measured };
    },
  };
}
