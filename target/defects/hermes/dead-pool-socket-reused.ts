import { undiciTransport } from '../../model/transport.ts';
import { connectDeaf } from '../deaf-socket.ts';
import { defect } from '../defect.ts';

/** Longer than any model keeps an idle connection. */
const KEPT_MS = 600_000;

export default defect({
  why: 'An idle connection that the model has closed is used for the next call, which is not tried again.',
  parts: (healthy) => ({
    transport: ({ config }) =>
      undiciTransport(config, {
        pool: {
          connect: connectDeaf,
          keepAliveTimeout: KEPT_MS,
          keepAliveMaxTimeout: KEPT_MS,
        },
      }),
    requestLane: (parts) => ({ ...healthy.requestLane(parts), attempts: 1 }),
    searchLane: (parts) => ({ ...healthy.searchLane(parts), attempts: 1 }),
    turnLane: (parts) => ({ ...healthy.turnLane(parts), attempts: 1 }),
  }),
});
