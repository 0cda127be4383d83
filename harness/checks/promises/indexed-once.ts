/** `indexed-once`: each accepted document is in the index exactly once. */
import { phasesOf } from '../../history/history.ts';
import type { Check } from '../check.ts';

export function indexedOnce(): Check {
  return {
    name: 'indexed-once',
    judge(history) {
      const limit = { value: 0, unit: 'documents doubled' };
      const base = { check: 'indexed-once' as const, phase: 'quiesce' as const, limit };
      const audits = history.of('audit').filter(({ expected }) => expected === 'indexed');
      if (!phasesOf(history).quiesce || audits.length === 0) {
        const verdict = history.complete ? 'inconclusive' : 'not-reached';
        return { ...base, verdict, message: 'no document was looked for', measured: null };
      }
      const most = audits.reduce((a, b) => (b.copies > a.copies ? b : a));
      const doubled = audits.filter(({ copies }) => copies > 1);
      const measured = { value: doubled.length, unit: 'documents doubled' };
      if (doubled.length > 0) {
        const message = `${doubled.length} of ${audits.length} documents are in the index more than once; "${most.subject}" ${most.copies} times`;
        return { ...base, verdict: 'fail', message, measured };
      }
      const message = `${audits.length} documents are in the index once each`;
      return { ...base, verdict: 'pass', message, measured };
    },
  };
}
