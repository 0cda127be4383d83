/** Clients that ask once and keep their connection, idle, as browsers and pools do. */

import { z } from 'zod';
import type { Environment } from '../../environment/environment.ts';
import type { Phase } from '../../history/events.ts';
import { checkOptions, count } from '../../platform/options.ts';
import { aborted } from '../../platform/wait.ts';
import { rawRequest } from '../../requests/raw-http.ts';
import { climb } from '../levels.ts';
import { duringShape, type Load } from '../load.ts';
import { inputFor } from '../watch.ts';
import { type RawClient, sendRaw } from './raw-client.ts';

export interface KeepAliveOptions {
  /** How many there are at first; 8 when not given. */
  from?: number;
  /** How many at most; 128 when not given. */
  most?: number;
  during?: readonly Phase[];
}

const SHAPE = z.strictObject({
  from: count.optional(),
  most: count.optional(),
  during: duringShape.optional(),
});

const LEVELS_PER_LIMIT = 4;

export function keepAliveClients(options: KeepAliveOptions = {}): Load {
  checkOptions('keepAliveClients', SHAPE, options);
  const { from = 8, most = 128, during = ['fault'] } = options;
  return {
    name: 'keep-alive clients',
    needs: ['read'],
    endless: true,
    during,
    async warmup() {},
    async run(environment, stop) {
      const open = new Set<RawClient>();
      const stepMs = environment.declared.limits.requestMs / LEVELS_PER_LIMIT;
      const what = ['idle keep-alive connection', 'idle keep-alive connections'] as const;
      await climb(environment, { what, from, most, stepMs }, stop, async (wanted) => {
        const missing = wanted - open.size;
        await Promise.all(Array.from({ length: missing }, () => ask(environment, open, stop)));
        return wanted;
      });
      for (const client of open) client.leave('fin');
    },
  };
}

/** Resolves when it has begun to be answered. */
async function ask(
  environment: Environment,
  open: Set<RawClient>,
  stop: AbortSignal,
): Promise<void> {
  const { operations, target } = environment;
  const operation = operations.all('read').find(({ needsId }) => !needsId);
  const input = operation && inputFor(environment, operation);
  if (!operation || !input) return;
  const { host, port } = target;
  const client = sendRaw(
    { host, port },
    await rawRequest(operation.request(input), `${host}:${port}`),
  );
  open.add(client);
  void client.closed.then(() => open.delete(client));
  await Promise.race([client.received(1), client.closed, aborted(stop)]);
}
