/** Clients that send half of an upload, and are gone. */

import { z } from 'zod';
import type { Environment } from '../../environment/environment.ts';
import type { Phase } from '../../history/events.ts';
import { checkOptions, count } from '../../platform/options.ts';
import { pause } from '../../platform/wait.ts';
import type { Operation } from '../../target/operations/operation.ts';
import { duringShape, type Load } from '../load.ts';
import { inSequence, type Misbehaviour, misbehave, openHalf } from './misbehaving.ts';
import type { RawClient } from './raw-client.ts';

export interface AbandonOptions {
  /** How many altogether; 24 when not given. */
  count?: number;
  /** How many at a time; 4 when not given. */
  clients?: number;
  /** How large the whole upload would be, where its size can be chosen; 200 KB when not given. */
  bytes?: number;
  during?: readonly Phase[];
}

const SHAPE = z.strictObject({
  count: count.optional(),
  clients: count.optional(),
  bytes: count.optional(),
  during: duringShape.optional(),
});

const SENT_SHARE = 0.5;
/** In which a server has taken the first half: into a file, say. */
const TAKES_MS = 50;

export function abandonedWrites(options: AbandonOptions = {}): Load {
  checkOptions('abandonedWrites', SHAPE, options);
  const { clients = 4, bytes = 200_000, during = ['fault'] } = options;
  const total = options.count ?? 24;
  return {
    name: 'abandoned writes',
    needs: ['write'],
    during,
    warmup: (environment, stop) =>
      inSequence({ clients, count: clients }, stop, async () => {
        const [operation] = chosen(environment);
        if (operation) await misbehave(environment, operation, stop, abandon, bytes);
      }),
    async run(environment, stop) {
      const operations = chosen(environment);
      const all = Math.ceil(total * environment.scale);
      await inSequence({ clients, count: all }, stop, async (number) => {
        const operation = operations[number % operations.length];
        if (operation) await misbehave(environment, operation, stop, abandon, bytes);
      });
    },
  };
}

/** The larger the body, the sooner a server keeps it somewhere else than in memory. */
function chosen({ operations }: Environment): readonly Operation[] {
  const writes = operations.all('write').filter(({ needsId }) => !needsId);
  const sized = writes.filter(({ isSized }) => isSized);
  return sized.length > 0 ? sized : writes;
}

async function abandon(each: Misbehaviour): Promise<RawClient> {
  const client = await openHalf(each, SENT_SHARE);
  await Promise.race([client.closed, pause(TAKES_MS, each.signal)]);
  client.leave('fin');
  await client.closed;
  return client;
}
