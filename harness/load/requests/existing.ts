/** What a server has before anything is measured: so many things written in warmup. */

import { z } from 'zod';
import { checkOptions, count, range } from '../../platform/options.ts';
import { unlessStopped } from '../../platform/wait.ts';
import type { Load } from '../load.ts';

export interface ExistingOptions {
  /** How many, written by each of the target's writes that needs no id. */
  count: number;
  /** Their sizes are drawn between these two; 4 KB when not given. */
  bytes?: readonly [min: number, max: number];
  /** Marks every k-th, for a fault that is for those only. */
  markEvery?: number;
}

const SHAPE = z.strictObject({
  count,
  bytes: range.optional(),
  markEvery: count.optional(),
});

const DEFAULT_BYTES = [4_000, 4_000] as const;
const AT_A_TIME = 8;

export function existing(options: ExistingOptions): Load {
  checkOptions('existing', SHAPE, options);
  const { count: total, bytes = DEFAULT_BYTES, markEvery } = options;
  return {
    name: 'existing',
    needs: options.bytes === undefined ? ['write'] : ['write', 'sized-write'],
    // It comes before what the others watch: some of that needs an id.
    watches: true,
    endless: true,
    during: ['baseline'],
    async warmup(environment, stop) {
      const { inputs, operations, random, sender } = environment;
      const chosen = operations.all('write').filter(({ needsId }) => !needsId);
      let left = total;
      const one = async (): Promise<void> => {
        for (let next = left--; next > 0 && !stop.aborted; next = left--) {
          for (const operation of chosen) {
            const index = inputs.nextIndex();
            const marked = markEvery !== undefined && next % markEvery === 0;
            const size = random.fork(`size ${index}`).integer(bytes[0], bytes[1]);
            const input = inputs.input(index, { bytes: size, marked });
            await unlessStopped(sender.send(operation, input), stop);
          }
        }
      };
      await Promise.all(Array.from({ length: AT_A_TIME }, one));
    },
    async run() {},
  };
}
