/** Clients that read their stream slowly, or not at all, and stay. */

import { z } from 'zod';
import type { Phase } from '../../history/events.ts';
import { checkOptions, count } from '../../platform/options.ts';
import { aborted, pause } from '../../platform/wait.ts';
import { duringShape, type Load } from '../load.ts';
import { watchOperations } from '../watch.ts';
import { inSequence, type Misbehaviour, misbehave, openClient } from './misbehaving.ts';
import type { RawClient } from './raw-client.ts';

export interface SlowReaderOptions {
  /** How many; 4 when not given. */
  clients?: number;
  /** What each of them reads in a second; nothing at all when not given. */
  bytesPerSecond?: number;
  during?: readonly Phase[];
}

const SHAPE = z.strictObject({
  clients: count.optional(),
  bytesPerSecond: count.optional(),
  during: duringShape.optional(),
});

const READ_EVERY_MS = 100;

export function slowReaders(options: SlowReaderOptions = {}): Load {
  checkOptions('slowReaders', SHAPE, options);
  const { clients = 4, bytesPerSecond = 0, during = ['fault'] } = options;
  return {
    name: 'slow readers',
    needs: ['stream'],
    watches: true,
    endless: true,
    during,
    warmup: (environment, stop) => watchOperations(environment, ['stream'], 'load', stop),
    async run(environment, stop) {
      const chosen = environment.operations.all('stream');
      await inSequence({ clients, count: clients }, stop, async (number) => {
        const operation = chosen[number % chosen.length];
        if (!operation) return;
        await misbehave(environment, operation, stop, (each) => readSlowly(each, bytesPerSecond));
      });
    },
  };
}

/** When its stream has ended it opens the next one. */
async function readSlowly(each: Misbehaviour, bytesPerSecond: number): Promise<RawClient> {
  const client = await openClient(each);
  await Promise.race([client.received(1), client.closed, aborted(each.signal)]);
  client.pause();
  const gone = new AbortController();
  void client.closed.then(() => gone.abort());
  const over = AbortSignal.any([each.signal, gone.signal]);
  while (!over.aborted) {
    if (bytesPerSecond > 0) client.read(Math.ceil((bytesPerSecond * READ_EVERY_MS) / 1000));
    await pause(READ_EVERY_MS, over);
  }
  client.leave('fin');
  return client;
}
