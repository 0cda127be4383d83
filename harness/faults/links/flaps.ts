/** The link goes down and comes up again, over and over: connections are cut, new ones refused meanwhile. */

import { z } from 'zod';
import { type Duration, toMs } from '../../platform/duration.ts';
import { messageOf } from '../../platform/errors.ts';
import { checkOptions, duration } from '../../platform/options.ts';
import { plural } from '../../platform/plural.ts';
import { pause } from '../../platform/wait.ts';
import type { Fault } from '../fault.ts';
import { linkTraffic } from './link-traffic.ts';
import type { Selector } from './selector.ts';

export interface FlapOptions {
  down: Duration;
  up: Duration;
}

const SHAPE = z.strictObject({ down: duration, up: duration });

export function flaps(selector: Selector, options: FlapOptions): Fault {
  const name = `${selector.label}.flaps`;
  checkOptions(name, SHAPE, options);
  const { down, up } = options;
  return {
    name,
    needs: selector.needs,
    touches: selector.upstreams,
    async inject(environment) {
      const { recorder } = environment;
      const traffic = await linkTraffic(environment, selector);
      const stop = new AbortController();
      let times = 0;
      const flapping = (async () => {
        while (!stop.signal.aborted) {
          await using outage = new AsyncDisposableStack();
          for (const link of selector.links(environment)) outage.use(await link.disable());
          times++;
          await pause(toMs(down), stop.signal);
          await outage.disposeAsync();
          await pause(toMs(up), stop.signal);
        }
      })().catch((error: unknown) => {
        recorder.record({ kind: 'harness-trouble', part: name, message: messageOf(error) });
      });
      return {
        async evidence() {
          const met = await traffic.since();
          return times === 0 ? null : met && `it went down ${plural(times, 'time')}, ${met}`;
        },
        async [Symbol.asyncDispose]() {
          stop.abort();
          traffic[Symbol.dispose]();
          await flapping;
        },
      };
    },
  };
}
