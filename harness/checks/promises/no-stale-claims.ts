/** `no-stale-claims`: when all is quiet, no accepted item is still held by a worker that does not work on it. */
import type { EventOf } from '../../history/events.ts';
import { formatMs } from '../../platform/duration.ts';
import { plural } from '../../platform/plural.ts';
import { type Check, check, inMs } from '../check.ts';
import { requestLimitMs } from '../liveness/every-request-ends.ts';
import { NONE_UNASKED, type Unasked, unaskedFinding, unaudited, withAudit } from './audits.ts';

interface State {
  count: number;
  held: number;
  oldest: EventOf<'audit'> | null;
  unasked: Unasked;
}

export function noStaleClaims(): Check {
  return check<State>({
    name: 'no-stale-claims',
    needs: ['write', 'held'],
    start: () => ({ count: 0, held: 0, oldest: null, unasked: NONE_UNASKED }),
    on: {
      audit(state, audit, run) {
        state.count++;
        state.unasked = withAudit(state.unasked, audit, run);
        if (audit.asked !== 'answered' || audit.heldMs === null) return;
        state.held++;
        if (audit.heldMs > (state.oldest?.heldMs ?? 0)) state.oldest = audit;
      },
    },
    finding({ count, held, oldest, unasked }, run) {
      const limitMs = requestLimitMs(run.limits);
      const limit = inMs(limitMs);
      if (count === 0) return unaudited(run, limit);
      const heldMs = oldest?.heldMs ?? 0;
      const base = { phase: 'quiesce' as const, limit, measured: inMs(heldMs) };
      if (oldest && heldMs > limitMs) {
        const message = `${plural(held, 'item')} ${held === 1 ? 'is' : 'are'} still held by a worker; the oldest hold, on "${oldest.subject}", is ${formatMs(heldMs)} old`;
        return { ...base, verdict: 'fail', message };
      }
      const message = `none of ${plural(count, 'item')} is held for long`;
      return unaskedFinding(unasked, base) ?? { ...base, verdict: 'pass', message };
    },
  });
}
