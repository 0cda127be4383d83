/**
 * `overload-refused`: beyond its bound a server refuses new work at once (503 or 429) instead of taking
 * what it cannot do. Judged by the backlog: work that was accepted and not done, at the worst moment.
 */
import { plural } from '../../platform/plural.ts';
import { type Check, check } from '../check.ts';

interface State {
  worst: number;
  writes: number;
  refused: number;
}

/** The limit is the target's own: the largest backlog that its bound explains. */
export function overloadRefused(): Check {
  return check<State>({
    name: 'overload-refused',
    needs: ['progress', 'write', 'backlog'],
    start: () => ({ worst: 0, writes: 0, refused: 0 }),
    on: {
      progress(state, { progress }) {
        state.worst = Math.max(state.worst, progress?.open ?? 0);
      },
      'request-end'(state, { id, status }, run) {
        if (run.request(id)?.operationKind !== 'write') return;
        state.writes++;
        if (status === 503 || status === 429) state.refused++;
      },
    },
    finding({ worst, writes, refused }, run) {
      const backlog = run.limits.backlog ?? Number.POSITIVE_INFINITY;
      const base = {
        phase: 'fault' as const,
        measured: { value: worst, unit: 'items' },
        limit: { value: backlog, unit: 'items' },
      };
      const counts = `the backlog reached ${plural(worst, 'item')}, and ${refused} of ${plural(writes, 'write')} ${refused === 1 ? 'was' : 'were'} refused`;
      if (worst > backlog) {
        return { ...base, verdict: 'fail', message: `work was accepted without bound: ${counts}` };
      }
      if (run.complete && refused === 0) {
        return { ...base, verdict: 'inconclusive', message: `there was no overload: ${counts}` };
      }
      return { ...base, verdict: 'pass', message: counts };
    },
  });
}
