/** Clients that open a stream and are gone as soon as it has begun: closed, reset, or silent for ever. */

import { z } from 'zod';
import type { Phase } from '../../history/events.ts';
import { checkOptions, count } from '../../platform/options.ts';
import { aborted, pause } from '../../platform/wait.ts';
import { duringShape, type Load } from '../load.ts';
import { watchOperations } from '../watch.ts';
import { inSequence, type Misbehaviour, misbehave, openClient } from './misbehaving.ts';
import { type RawClient, WAYS_TO_LEAVE, type WayToLeave } from './raw-client.ts';

export interface VanishOptions {
  /** How many altogether; 24 when not given. */
  count?: number;
  /** How many at a time; 4 when not given. */
  clients?: number;
  /** How they leave, in turn; by closing and by a reset when not given. */
  by?: readonly WayToLeave[];
  /** After so many bytes of the stream; one when not given. */
  bytes?: number;
  during?: readonly Phase[];
}

const SHAPE = z.strictObject({
  count: count.optional(),
  clients: count.optional(),
  by: z.array(z.enum(WAYS_TO_LEAVE)).min(1).optional(),
  bytes: count.optional(),
  during: duringShape.optional(),
});

export function vanishingClients(options: VanishOptions = {}): Load {
  checkOptions('vanishingClients', SHAPE, options);
  const { clients = 4, by = ['fin', 'reset'], bytes = 1, during = ['fault'] } = options;
  const total = options.count ?? 24;
  return {
    name: 'vanishing clients',
    needs: ['stream'],
    watches: true,
    during,
    async warmup(environment, stop) {
      await watchOperations(environment, ['stream'], 'load', stop);
      const [operation] = environment.operations.all('stream');
      if (!operation) return;
      await inSequence({ clients, count: clients }, stop, () =>
        misbehave(environment, operation, stop, (each) => vanish(each, 'fin', bytes)),
      );
    },
    async run(environment, stop) {
      const chosen = environment.operations.all('stream');
      const all = Math.ceil(total * environment.scale);
      await inSequence({ clients, count: all }, stop, async (number) => {
        const operation = chosen[number % chosen.length];
        const how = by[number % by.length] ?? 'fin';
        if (!operation) return;
        const gone = misbehave(environment, operation, stop, (each) => vanish(each, how, bytes));
        // One that is only silent stays, and the next one comes.
        if (how !== 'silence') await gone;
      });
    },
  };
}

/** A stream that does not begin is left as well, after the time that a request may take. */
async function vanish(each: Misbehaviour, how: WayToLeave, bytes: number): Promise<RawClient> {
  const client = await openClient(each);
  const { requestMs } = each.environment.declared.limits;
  await Promise.race([client.received(bytes), pause(requestMs, each.signal)]);
  client.leave(how);
  if (how === 'silence') {
    await Promise.race([client.closed, aborted(each.signal)]);
    client.leave('fin');
  }
  await client.closed;
  return client;
}
