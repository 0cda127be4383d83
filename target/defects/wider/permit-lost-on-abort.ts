import type { Permits } from '../../permits.ts';
import { Refusal } from '../../refusal.ts';
import { defect } from '../defect.ts';

export default defect({
  why: 'A permit is not released when the client disconnects during its model call.',
  parts: (healthy) => ({
    ask(parts) {
      const ask = healthy.ask(parts);
      return (question, lane, scope) =>
        ask(question, { ...lane, permits: neverReleasedOnAbort(lane.permits) }, scope);
    },
  }),
});

function neverReleasedOnAbort(permits: Permits): Permits {
  return {
    limit: permits.limit,
    get inUse() {
      return permits.inUse;
    },
    get waiting() {
      return permits.waiting;
    },
    async acquire(signal) {
      const permit = await permits.acquire(signal);
      return {
        [Symbol.dispose]() {
          if (!clientGone(signal)) permit[Symbol.dispose]();
        },
      };
    },
  };
}

function clientGone({ reason }: AbortSignal): boolean {
  return reason instanceof Refusal && reason.code === 'client-gone';
}
