/**
 * `nothing-acknowledged-lost`: what the server has acknowledged is so. Accepted work is done and found by
 * what is in it; what it acknowledged as deleted is not found any more.
 */
import type { EventOf } from '../../history/events.ts';
import { type Check, check } from '../check.ts';
import { NONE_UNASKED, type Unasked, unaskedFinding, unaudited, withAudit } from './audits.ts';

interface State {
  count: number;
  wrong: number;
  first: EventOf<'audit'> | null;
  unasked: Unasked;
}

export function nothingAcknowledgedLost(): Check {
  return check<State>({
    name: 'nothing-acknowledged-lost',
    needs: ['write', 'done'],
    start: () => ({ count: 0, wrong: 0, first: null, unasked: NONE_UNASKED }),
    on: {
      audit(state, audit, run) {
        state.count++;
        state.unasked = withAudit(state.unasked, audit, run);
        if (audit.asked === 'answered' && isBroken(audit)) {
          state.wrong++;
          state.first ??= audit;
        }
      },
    },
    finding({ count, wrong, first, unasked }, run) {
      const limit = { value: 0, unit: 'items' };
      if (count === 0) return unaudited(run, limit);
      const measured = { value: wrong, unit: 'items' };
      const base = { phase: 'quiesce' as const, limit, measured };
      if (first) {
        const more = wrong > 1 ? `, and ${wrong - 1} more` : '';
        return { ...base, verdict: 'fail', message: brokenText(first) + more };
      }
      const message =
        count === 1
          ? 'the acknowledged item is as promised'
          : `all ${count} acknowledged items are as promised`;
      return unaskedFinding(unasked, base) ?? { ...base, verdict: 'pass', message };
    },
  });
}

function isBroken({ expected, state, copies }: EventOf<'audit'>): boolean {
  const found = copies !== null && copies > 0;
  if (expected === 'absent') return found || (state !== 'absent' && state !== 'unknown');
  return copies === 0 || (state !== 'done' && state !== 'unknown');
}

function brokenText({ expected, subject, state, copies }: EventOf<'audit'>): string {
  if (expected === 'absent') {
    return `"${subject}" was deleted and is there again (${copies ? `found ${copies} times` : `state ${state}`})`;
  }
  const found = copies === 0 ? 'is not found' : 'is not done';
  return `"${subject}" was acknowledged and ${found} (state ${state === 'absent' ? 'unknown to the server' : state})`;
}
