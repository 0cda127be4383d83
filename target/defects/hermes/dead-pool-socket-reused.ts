import { undiciTransport } from '../../model/transport.ts';
import { defect } from '../defect.ts';
import { connectIgnoringEnd } from '../ignoring-end.ts';

/** Longer than a model keeps an idle connection open. */
const KEPT_MS = 600_000;

export default defect({
  why: 'An idle connection that the model has closed is reused for the next call, without a retry.',
  parts: (healthy) => ({
    transport: ({ config }) =>
      undiciTransport(config, {
        pool: {
          connect: connectIgnoringEnd,
          keepAliveTimeout: KEPT_MS,
          keepAliveMaxTimeout: KEPT_MS,
        },
      }),
    requestLane: (parts) => ({ ...healthy.requestLane(parts), attempts: 1 }),
    searchLane: (parts) => ({ ...healthy.searchLane(parts), attempts: 1 }),
    turnLane: (parts) => ({ ...healthy.turnLane(parts), attempts: 1 }),
  }),
});
