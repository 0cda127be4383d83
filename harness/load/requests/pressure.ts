/** Reads at full speed beside the rest, by autocannon; its histogram goes into the history. */
import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import type { Environment } from '../../environment/environment.ts';
import type { EventOf, Phase } from '../../history/events.ts';
import { messageOf } from '../../platform/errors.ts';
import { moduleUrl } from '../../platform/module-url.ts';
import { checkOptions, count } from '../../platform/options.ts';
import { aborted } from '../../platform/wait.ts';
import type { HttpRequest } from '../../target/operations/http-message.ts';
import type { Operation } from '../../target/operations/operation.ts';
import { duringShape, type Load } from '../load.ts';
import type { PressureOrder } from './pressure-thread.ts';

export interface PressureOptions {
  /** For each read of the target. */
  connections: number;
  during?: readonly Phase[];
}

type Result = Omit<EventOf<'pressure'>, 't' | 'kind' | 'operation'>;

/** autocannon ends its requests before it tells its result. */
const RESULT_MS = 10_000;

const SHAPE = z.strictObject({ connections: count, during: duringShape.optional() });

export function pressure(options: PressureOptions): Load {
  checkOptions('pressure', SHAPE, options);
  const { connections, during = ['fault'] } = options;
  return {
    name: 'pressure',
    needs: ['read'],
    during,
    endless: true,
    async warmup() {},
    async run(environment, stop) {
      const { operations, recorder } = environment;
      await Promise.all(
        operations.all('read').map(async (operation) => {
          const result = await press(environment, operation, connections, stop).catch(
            (error: unknown) => {
              const message = messageOf(error);
              recorder.record({ kind: 'harness-trouble', part: 'pressure', message });
              return null;
            },
          );
          if (result) recorder.record({ kind: 'pressure', operation: operation.name, ...result });
        }),
      );
    },
  };
}

async function press(
  { inputs, links }: Environment,
  operation: Operation,
  connections: number,
  stop: AbortSignal,
): Promise<Result | null> {
  const { host, port } = links.front as { host: string; port: number };
  const wanted = operation.request(inputs.input(inputs.nextIndex(), { bytes: 0 }));
  const workerData = orderFor(`http://${host}:${port}`, wanted, connections);
  const thread = new Worker(moduleUrl('./pressure-thread', import.meta.url), { workerData });
  const result = Promise.withResolvers<Result | null>();
  thread.once('message', result.resolve);
  thread.once('error', result.reject);
  thread.once('exit', () => result.resolve(null));
  try {
    // It ends by itself only when something is wrong with it.
    await Promise.race([aborted(stop), result.promise]);
    thread.postMessage('stop');
    const late = setTimeout(() => result.resolve(null), RESULT_MS);
    const found = await result.promise;
    clearTimeout(late);
    return found;
  } finally {
    await thread.terminate();
  }
}

function orderFor(
  base: string,
  { method, path, headers, body }: HttpRequest,
  connections: number,
): PressureOrder {
  const isText = body?.kind === 'text';
  return {
    url: base + path,
    method: method as PressureOrder['method'],
    headers: isText ? { 'content-type': body.contentType, ...headers } : { ...headers },
    body: isText ? body.text : null,
    connections,
  };
}
