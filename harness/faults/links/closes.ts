/** Connections are closed in the middle of an answer, reset, or closed while they are idle in a pool. */

import { z } from 'zod';
import { connectionsTo } from '../../environment/service-traffic.ts';
import { checkOptions, count } from '../../platform/options.ts';
import { plural } from '../../platform/plural.ts';
import { type Timing, timing, timingMs } from '../../target/timing.ts';
import type { Fault } from '../fault.ts';
import { linkFault } from './link-fault.ts';
import type { Selector } from './selector.ts';

const BYTES = z.strictObject({ bytes: count });

/** After so many bytes of what a connection brings it is closed: Toxiproxy's `limit_data`. */
export function closesAfterBytes(selector: Selector, options: { bytes: number }): Fault {
  checkOptions(`${selector.label}.closesAfterBytes`, BYTES, options);
  const { bytes } = options;
  return linkFault(selector, {
    name: 'closesAfterBytes',
    what: `each connection was closed after ${plural(bytes, 'byte')}`,
    apply: (link) => link.toxic({ type: 'limit_data', attributes: { bytes } }),
  });
}

const RESETS = z.strictObject({ after: timing.optional() });

/** Each new connection is reset (RST), at once or after a while: Toxiproxy's `reset_peer`. */
export function resets(selector: Selector, options: { after?: Timing } = {}): Fault {
  checkOptions(`${selector.label}.resets`, RESETS, options);
  const { after = 0 } = options;
  return linkFault(selector, {
    name: 'resets',
    what: 'each connection was reset',
    async apply(link, { declared }) {
      const timeout = Math.round(timingMs(after, declared.limits));
      const toxic = await link.toxic({ type: 'reset_peer', attributes: { timeout } });
      // It has a hold on new connections only: those in a pool are closed, so that new ones are made.
      await using _closed = await link.disable();
      return toxic;
    },
  });
}

/** All connections are closed once, in an orderly way, as by a server whose idle limit has passed. */
export function closesIdle(selector: Selector): Fault {
  return {
    name: `${selector.label}.closesIdle`,
    needs: selector.needs,
    touches: selector.upstreams,
    async inject(environment) {
      const links = selector.links(environment);
      const ports = new Set(links.map(({ port }) => port));
      const held = connectionsTo(environment.target.processes.pids(), ports);
      for (const link of links) {
        await using _down = await link.disable();
      }
      return {
        evidence: async () =>
          held === 0 ? null : `${plural(held, 'idle connection')} of the target closed`,
        [Symbol.asyncDispose]: async () => {},
      };
    },
  };
}
