/** The link goes down and comes up again, over and over: connections are cut, new ones refused meanwhile. */

import { pause } from '../load/load.ts';
import { type Duration, toMs } from '../platform/duration.ts';
import type { LinkName } from '../run/environment.ts';
import type { Fault } from './fault.ts';

export interface FlapOptions {
  down: Duration;
  up: Duration;
}

export function flaps(link: LinkName, { down, up }: FlapOptions): Fault {
  let times = 0;
  return {
    name: `${link}.flaps`,
    link,
    async inject({ links, recorder }) {
      times = 0;
      const stop = new AbortController();
      const flapping = (async () => {
        while (!stop.signal.aborted) {
          await using _down = await links[link].disable();
          times++;
          await pause(toMs(down), stop.signal);
          await _down[Symbol.asyncDispose]();
          await pause(toMs(up), stop.signal);
        }
      })().catch((error: unknown) => {
        const message = error instanceof Error ? error.message : String(error);
        recorder.record({ kind: 'harness-trouble', part: `${link}.flaps`, message });
      });
      return {
        async [Symbol.asyncDispose]() {
          stop.abort();
          await flapping;
        },
      };
    },
    async fired() {
      return times === 0 ? null : `the ${link} link went down ${times} times`;
    },
  };
}
