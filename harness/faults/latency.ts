/** Everything that comes back over a link arrives later: Toxiproxy's `latency`. */

import { z } from 'zod';
import { type Duration, formatMs, toMs } from '../platform/duration.ts';
import { checkOptions, duration } from '../platform/options.ts';
import type { Fault } from './fault.ts';
import { linkTraffic } from './link-traffic.ts';
import type { Selector } from './selector.ts';

export interface LatencyOptions {
  by: Duration;
  jitter?: Duration;
}

const SHAPE = z.strictObject({ by: duration, jitter: duration.optional() });

export function latency(selector: Selector, options: LatencyOptions): Fault {
  checkOptions(`${selector.label}.latency`, SHAPE, options);
  return {
    name: `${selector.label}.latency`,
    needs: selector.needs,
    touches: selector.upstreams,
    async inject(environment) {
      const byMs = toMs(options.by);
      const jitterMs = toMs(options.jitter ?? 0);
      await using toxics = new AsyncDisposableStack();
      const traffic = linkTraffic(environment, selector);
      for (const link of selector.links(environment)) {
        const attributes = { latency: byMs, jitter: jitterMs };
        toxics.use(await link.toxic({ type: 'latency', attributes }));
      }
      const injected = toxics.move();
      return {
        async evidence() {
          const met = await traffic.since();
          return met && `${formatMs(byMs)} added to what came back, ${met}`;
        },
        async [Symbol.asyncDispose]() {
          traffic[Symbol.dispose]();
          await injected.disposeAsync();
        },
      };
    },
  };
}
