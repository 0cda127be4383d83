/**
 * Clients that give up while their request is being worked on: as soon as its call has arrived at the
 * upstream, or after a while where none does.
 */

import { z } from 'zod';
import type { Environment } from '../../environment/environment.ts';
import type { HistoryEvent, Phase } from '../../history/events.ts';
import { checkOptions, count } from '../../platform/options.ts';
import { pause } from '../../platform/wait.ts';
import type { Operation } from '../../target/operations/operation.ts';
import { duringShape, type Load } from '../load.ts';
import { watchOperations } from '../watch.ts';
import { inSequence, type Misbehaviour, misbehave, openClient } from './misbehaving.ts';
import type { RawClient } from './raw-client.ts';

export interface AbortOptions {
  /** How many altogether; 32 when not given. */
  count?: number;
  /** How many at a time; 4 when not given. */
  clients?: number;
  during?: readonly Phase[];
}

const SHAPE = z.strictObject({
  count: count.optional(),
  clients: count.optional(),
  during: duringShape.optional(),
});

/** Without a call at an upstream a client waits for so many parts of a request's limit. */
const WAITS_LIMITS = 0.1;

export function abortingClients(options: AbortOptions = {}): Load {
  checkOptions('abortingClients', SHAPE, options);
  const { clients = 4, during = ['fault'] } = options;
  const total = options.count ?? 32;
  return {
    name: 'aborting clients',
    needs: ['operation'],
    watches: true,
    during,
    async warmup(environment, stop) {
      await watchOperations(environment, undefined, 'load', stop);
      const [operation] = chosen(environment);
      if (!operation) return;
      await inSequence({ clients, count: clients }, stop, () =>
        misbehave(environment, operation, stop, abort),
      );
    },
    async run(environment, stop) {
      const operations = chosen(environment);
      const all = Math.ceil(total * environment.scale);
      await inSequence({ clients, count: all }, stop, async (number) => {
        const operation = operations[number % operations.length];
        if (operation) await misbehave(environment, operation, stop, abort);
      });
    },
  };
}

/** Those that call the upstream with the fault take the longest; all of them where none does. */
function chosen({ operations }: Environment): readonly Operation[] {
  const callers = operations.callers();
  return callers.length > 0 ? callers : operations.sendable();
}

async function abort(each: Misbehaviour): Promise<RawClient> {
  const { environment, operation, input, signal } = each;
  const { recorder, declared, operations } = environment;
  const arrived = Promise.withResolvers<void>();
  using _listening = recorder.onEvent((event: HistoryEvent) => {
    if (event.kind === 'model-start' && event.subject === input.title) arrived.resolve();
  });
  const client = await openClient(each);
  const calls = (operations.uses(operation)?.size ?? 0) > 0;
  const { requestMs } = declared.limits;
  const waitMs = calls ? requestMs : WAITS_LIMITS * requestMs;
  await Promise.race([arrived.promise, client.closed, pause(waitMs, signal)]);
  client.leave('fin');
  await client.closed;
  return client;
}
