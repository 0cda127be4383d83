/** `indexed-once`: each accepted item is found exactly once. */
import type { EventOf } from '../../history/events.ts';
import { plural } from '../../platform/plural.ts';
import { type Check, check } from '../check.ts';
import { NONE_UNASKED, type Unasked, unaskedFinding, unaudited, withAudit } from './audits.ts';

interface State {
  found: number;
  missing: number;
  doubled: number;
  most: EventOf<'audit'> | null;
  unasked: Unasked;
  untold: number;
}

export function indexedOnce(): Check {
  return check<State>({
    name: 'indexed-once',
    needs: ['write', 'find'],
    start: () => ({
      found: 0,
      missing: 0,
      doubled: 0,
      most: null,
      unasked: NONE_UNASKED,
      untold: 0,
    }),
    on: {
      audit(state, audit, run) {
        if (audit.expected !== 'done') return;
        state.unasked = withAudit(state.unasked, audit, run);
        if (audit.asked !== 'answered') return;
        const { copies } = audit;
        if (copies === null) state.untold++;
        else if (copies === 0) state.missing++;
        else state.found++;
        if ((copies ?? 0) <= 1) return;
        state.doubled++;
        if ((copies ?? 0) > (state.most?.copies ?? 0)) state.most = audit;
      },
    },
    finding({ found, missing, doubled, most, unasked, untold }, run) {
      const limit = { value: 0, unit: 'items doubled' };
      if (found + missing + untold + unasked.count === 0) return unaudited(run, limit);
      const measured = { value: doubled, unit: 'items doubled' };
      const base = { phase: 'quiesce' as const, limit, measured };
      if (most) {
        const message = `${doubled} of ${plural(found, 'item')} ${doubled === 1 ? 'is' : 'are'} found more than once; "${most.subject}" ${most.copies} times`;
        return { ...base, verdict: 'fail', message };
      }
      const unanswered = unaskedFinding(unasked, base);
      if (unanswered) return unanswered;
      if (missing > 0) {
        const message = `${plural(missing, 'item')} not found at all: see nothing-acknowledged-lost`;
        return { ...base, verdict: 'inconclusive', message };
      }
      if (found === 0) {
        const message = 'the target offers no way to find what it accepted';
        return { ...base, verdict: 'inconclusive', message };
      }
      const message = `${plural(found, 'item')} found once each`;
      return { ...base, verdict: 'pass', message };
    },
  });
}
