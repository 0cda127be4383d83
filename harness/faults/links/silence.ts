/** The other side says nothing: from the begin, after some bytes, or not even that it has got anything. */

import { z } from 'zod';
import { checkOptions, count } from '../../platform/options.ts';
import type { Fault } from '../fault.ts';
import { linkFault } from './link-fault.ts';
import type { Selector } from './selector.ts';

/** Toxiproxy's `timeout` drops what comes, and with 0 it never closes the connection. */
const DROPS = { type: 'timeout', attributes: { timeout: 0 } } as const;

/** Requests arrive, and no answer comes back; connections stay open. */
export function silent(selector: Selector): Fault {
  return linkFault(selector, {
    name: 'silent',
    what: 'no answer came back',
    apply: (link) => link.toxic(DROPS),
  });
}

/** Nothing arrives and nothing comes back; connections are accepted, and stay open. */
export function blackHole(selector: Selector): Fault {
  return linkFault(selector, {
    name: 'blackHole',
    what: 'nothing went through',
    async apply(link) {
      await using both = new AsyncDisposableStack();
      both.use(await link.toxic({ ...DROPS, stream: 'upstream' }));
      both.use(await link.toxic({ ...DROPS, stream: 'downstream' }));
      return both.move();
    },
  });
}

/** A delay that no run outlasts; in microseconds, and within 53 bits. */
const FOREVER_US = 24 * 3_600_000_000;

const SHAPE = z.strictObject({ bytes: count });

/**
 * So many bytes of what a connection brings, then nothing more; it stays open. By `slicer`, which waits after
 * each slice: unlike the extra `stall` every Toxiproxy has it.
 */
export function silentAfterBytes(selector: Selector, options: { bytes: number }): Fault {
  checkOptions(`${selector.label}.silentAfterBytes`, SHAPE, options);
  const { bytes } = options;
  return linkFault(selector, {
    name: 'silentAfterBytes',
    what: `each connection fell silent after ${bytes} bytes`,
    apply: (link) =>
      link.toxic({
        type: 'slicer',
        attributes: { average_size: bytes, size_variation: 0, delay: FOREVER_US },
      }),
  });
}
