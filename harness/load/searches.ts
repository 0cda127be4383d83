/** Searches and listings at a fixed rate: requests that need no chat model and must not suffer with it. */

import type { Phase } from '../history/history.ts';
import { type Duration, toMs } from '../platform/duration.ts';
import { type Load, pause, THROUGH_FAULT } from './load.ts';

export interface RateOptions {
  every: Duration;
  during?: readonly Phase[];
  group?: string;
}

const QUERY = 'how a request is cancelled when its client has gone away';

export function searches({ every, during = THROUGH_FAULT, group = 'others' }: RateOptions): Load {
  return atRate('searches', every, during, ({ requests, client }) =>
    requests.send({ operation: 'search', group }, (signal) => client.search(QUERY, 5, signal)),
  );
}

export function listings({ every, during = THROUGH_FAULT, group = 'others' }: RateOptions): Load {
  return atRate('listings', every, during, ({ requests, client }) =>
    requests.send({ operation: 'list', group }, (signal) => client.list(20, signal)),
  );
}

function atRate(
  name: string,
  every: Duration,
  during: readonly Phase[],
  send: (environment: Parameters<Load['run']>[0]) => Promise<unknown>,
): Load {
  const everyMs = toMs(every);
  return {
    name,
    during,
    async warmup(environment) {
      await send(environment);
    },
    async run(environment, stop) {
      while (!stop.aborted) {
        void send(environment);
        await pause(everyMs, stop);
      }
    },
  };
}
