/** Clients that listen to streams without an end, as a page does that shows what happens. */

import { z } from 'zod';
import type { Phase } from '../../history/events.ts';
import { checkOptions, count } from '../../platform/options.ts';
import { duringShape, type Load, THROUGH_FAULT } from '../load.ts';
import { byClients } from '../rate.ts';
import { watchOperations } from '../watch.ts';

export interface ListenerOptions {
  /** How many; 8 when not given. */
  clients?: number;
  during?: readonly Phase[];
}

const SHAPE = z.strictObject({ clients: count.optional(), during: duringShape.optional() });

export function listeners(options: ListenerOptions = {}): Load {
  checkOptions('listeners', SHAPE, options);
  const { clients = 8, during = THROUGH_FAULT } = options;
  return {
    name: 'listeners',
    needs: ['stream'],
    watches: true,
    endless: true,
    during,
    warmup: (environment, stop) => watchOperations(environment, ['stream'], 'load', stop),
    run(environment, stop) {
      const { operations } = environment;
      const choose = () => operations.all('stream').filter(({ stream }) => stream?.endless);
      return byClients(
        { environment, group: 'load', stop, choose },
        clients,
        Number.POSITIVE_INFINITY,
      );
    },
  };
}
