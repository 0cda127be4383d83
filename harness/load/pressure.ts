/** Searches and listings at full speed beside the rest, by autocannon; its histogram goes into the history. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { EventOf, Phase } from '../history/history.ts';
import { moduleUrl } from '../platform/module-url.ts';
import { type Load, pause } from './load.ts';
import type { PressureOrder } from './pressure-thread.ts';

export interface PressureOptions {
  operation: 'search' | 'list';
  connections: number;
  during?: readonly Phase[];
}

const QUERY = { query: 'how a request is cancelled when its client has gone away', limit: 5 };

export function pressure({ operation, connections, during = ['fault'] }: PressureOptions): Load {
  return {
    name: `pressure of ${operation}`,
    during,
    endless: true,
    async warmup() {},
    async run({ links, recorder }, stop) {
      const base = `http://${links.front.host}:${links.front.port}/api/v1/knowledge`;
      const order: PressureOrder =
        operation === 'search'
          ? { url: `${base}/search`, method: 'POST', body: JSON.stringify(QUERY), connections }
          : { url: `${base}/documents?limit=20`, method: 'GET', body: null, connections };
      const thread = new Worker(moduleUrl('./pressure-thread', import.meta.url), {
        workerData: order,
      });
      await pause(3_600_000, stop);
      thread.postMessage('stop');
      type Result = Omit<EventOf<'pressure'>, 't' | 'kind' | 'operation'>;
      const [result] = (await once(thread, 'message')) as [Result];
      recorder.record({ kind: 'pressure', operation, ...result });
      await thread.terminate();
    },
  };
}
