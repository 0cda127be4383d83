/**
 * `nothing-acknowledged-lost`: what the server has acknowledged is so. A document with a 201 is found by
 * searching for its own sentence; one whose deletion was acknowledged is not found any more.
 */
import { phasesOf } from '../../history/history.ts';
import type { Check } from '../check.ts';

export function nothingAcknowledgedLost(): Check {
  return {
    name: 'nothing-acknowledged-lost',
    judge(history) {
      const base = {
        check: 'nothing-acknowledged-lost' as const,
        phase: 'quiesce' as const,
        limit: { value: 0, unit: 'documents' },
      };
      const audits = history.of('audit');
      if (!phasesOf(history).quiesce || (audits.length === 0 && !history.complete)) {
        const message = 'not reached: the run ended before the documents were looked for';
        return { ...base, verdict: 'not-reached', message, measured: null };
      }
      if (audits.length === 0) {
        const message = 'no document was acknowledged, so none could be looked for';
        return { ...base, verdict: 'inconclusive', message, measured: null };
      }
      const wrong = audits.filter(({ expected, found, state }) =>
        expected === 'indexed' ? !found || state !== 'indexed' : found || state !== null,
      );
      const measured = { value: wrong.length, unit: 'documents' };
      if (wrong.length > 0) {
        const first = wrong[0]!;
        const what =
          first.expected === 'indexed'
            ? `"${first.subject}" was acknowledged and is not found (state ${first.state ?? 'unknown to the server'})`
            : `"${first.subject}" was deleted and is found again`;
        const more = wrong.length > 1 ? `, and ${wrong.length - 1} more` : '';
        return { ...base, verdict: 'fail', message: what + more, measured };
      }
      const message = `all ${audits.length} acknowledged documents are as promised`;
      return { ...base, verdict: 'pass', message, measured };
    },
  };
}
