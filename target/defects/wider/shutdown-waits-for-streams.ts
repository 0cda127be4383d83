import { setTimeout as sleep } from 'node:timers/promises';
import { defect } from '../defect.ts';

const LOOK_EVERY_MS = 100;

export default defect({
  why: 'SIGTERM waits, without a limit, until every client has ended its stream.',
  parts: () => ({
    shutdown: (parts) => ({
      limitMs: Number.POSITIVE_INFINITY,
      async run() {
        while (parts.eventClients.count > 0) await sleep(LOOK_EVERY_MS);
        await parts.app.close();
        await parts.cascade.stop(Number.POSITIVE_INFINITY);
        await parts.transport[Symbol.asyncDispose]();
        await parts.database[Symbol.asyncDispose]();
      },
    }),
  }),
});
