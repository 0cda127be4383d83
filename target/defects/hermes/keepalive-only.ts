import { noDeadlines } from '../../lanes.ts';
import { undiciTransport } from '../../model/transport.ts';
import { defect } from '../defect.ts';

/** Probes begin after so much silence. A kernel answers them, whatever its process does. */
const PROBE_AFTER_MS = 1000;

export default defect({
  why: 'TCP keepalive is all that ends a model call: a process that hangs has a kernel that answers.',
  parts: () => ({
    deadlines: () => noDeadlines,
    transport: ({ config }) =>
      undiciTransport(config, {
        pool: {
          connect: {
            timeout: config.attemptMs,
            keepAlive: true,
            keepAliveInitialDelay: PROBE_AFTER_MS,
          },
        },
      }),
  }),
});
