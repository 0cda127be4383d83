import { noDeadlines } from '../../lanes.ts';
import { undiciTransport } from '../../model/transport.ts';
import { defect } from '../defect.ts';

/** Silence before the first probe. The peer's kernel answers, whatever its process does. */
const PROBE_AFTER_MS = 1000;

export default defect({
  why: 'Only TCP keepalive can end a model call, and the kernel of a hung process still answers it.',
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
