import { endlessPatience } from '../../lanes.ts';
import { defect } from '../defect.ts';

export default defect({
  why: 'The handlers of all sessions run in one queue, and none of them has a limit.',
  parts: (healthy) => ({
    sessionLane: (parts) => ({ ...healthy.sessionLane(parts), patience: endlessPatience }),
    dispatcher() {
      let last: Promise<unknown> = Promise.resolve();
      return {
        run(_sessionId, handler, signal) {
          const own = last.then(async () => {
            signal.throwIfAborted();
            return await handler({ signal, remainingMs: () => Number.POSITIVE_INFINITY });
          });
          last = own.catch(() => {});
          return own;
        },
      };
    },
  }),
});
