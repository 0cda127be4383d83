/**
 * `overload-refused`: beyond its bound a server refuses new work at once (503 or 429) instead of taking
 * what it cannot do. Judged by the backlog: rows that were accepted and not done, at the worst moment.
 */
import type { Check } from '../check.ts';

/** @param rows the largest backlog that the target's bound explains; the healthy one stays at a third. */
export function overloadRefused({ rows: limitRows }: { rows: number }): Check {
  return {
    name: 'overload-refused',
    judge(history) {
      const backlogs = history
        .of('progress')
        .map(({ progress }) => (progress?.rows.pending ?? 0) + (progress?.rows.processing ?? 0));
      const worst = Math.max(0, ...backlogs);
      const uploads = new Set(
        history.of('request').flatMap(({ id, operation }) => (operation === 'upload' ? id : [])),
      );
      const refused = history
        .of('request-end')
        .filter(({ id, status }) => uploads.has(id) && (status === 503 || status === 429)).length;
      const base = {
        check: 'overload-refused' as const,
        phase: 'fault' as const,
        measured: { value: worst, unit: 'rows' },
        limit: { value: limitRows, unit: 'rows' },
      };
      const counts = `the backlog reached ${worst} rows, and ${refused} of ${uploads.size} uploads were refused`;
      if (worst > limitRows) {
        return { ...base, verdict: 'fail', message: `work was accepted without bound: ${counts}` };
      }
      if (history.complete && refused === 0) {
        return { ...base, verdict: 'inconclusive', message: `there was no overload: ${counts}` };
      }
      return { ...base, verdict: 'pass', message: counts };
    },
  };
}
