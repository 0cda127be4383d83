/** Many requests in the same instant, again and again; or more and more of them every second. */

import { z } from 'zod';
import type { OperationKind, Phase } from '../../history/events.ts';
import { checkOptions, count } from '../../platform/options.ts';
import { pause } from '../../platform/wait.ts';
import { type Timing, timing, timingMs } from '../../target/timing.ts';
import { duringShape, kindsShape, type Load, THROUGH_FAULT } from '../load.ts';
import { atOnce } from '../rate.ts';
import { sendOnce, watchOperations } from '../watch.ts';

export interface BurstOptions {
  /** How many requests a burst has. */
  count: number;
  /** From the begin of one burst to the begin of the next, whatever has become of it. */
  every: Timing;
  /** Which operations; reads, streams and writes when not given. */
  kinds?: readonly OperationKind[];
  during?: readonly Phase[];
}

const BURSTS = z.strictObject({
  count,
  every: timing,
  kinds: kindsShape.optional(),
  during: duringShape.optional(),
});

export function bursts(options: BurstOptions): Load {
  checkOptions('bursts', BURSTS, options);
  const { count: size, every, kinds, during = THROUGH_FAULT } = options;
  return {
    name: 'bursts',
    needs: ['operation'],
    watches: true,
    endless: true,
    during,
    async warmup(environment, stop) {
      await watchOperations(environment, kinds, 'load', stop);
      const choose = () => environment.operations.sendable(kinds);
      await atOnce({ environment, group: 'load', stop, choose, isWarmup: true }, size);
    },
    async run(environment, stop) {
      const everyMs = timingMs(every, environment.declared.limits);
      const choose = () => environment.operations.sendable(kinds);
      const sending = { environment, group: 'load', stop, choose };
      while (!stop.aborted) {
        void atOnce(sending, Math.ceil(size * environment.scale));
        await pause(everyMs, stop);
      }
    },
  };
}

export interface RampOptions {
  /** Requests a second at its begin and at its end. */
  perSecond: readonly [from: number, to: number];
  /** In which time it gets there; it stays there then. */
  over: Timing;
  kinds?: readonly OperationKind[];
  during?: readonly Phase[];
}

const RATE = z.number().positive().max(10_000);
const RAMP = z.strictObject({
  perSecond: z.tuple([RATE, RATE]),
  over: timing,
  kinds: kindsShape.optional(),
  during: duringShape.optional(),
});

/** An open loop whose rate grows: it does not wait for answers. */
export function ramp(options: RampOptions): Load {
  checkOptions('ramp', RAMP, options);
  const { perSecond, over, kinds, during = THROUGH_FAULT } = options;
  const [from, to] = perSecond;
  return {
    name: 'ramp',
    needs: ['operation'],
    watches: true,
    endless: true,
    during,
    warmup: (environment, stop) => watchOperations(environment, kinds, 'load', stop),
    async run(environment, stop) {
      const { recorder, operations, declared } = environment;
      const overMs = Math.max(1, timingMs(over, declared.limits));
      const sinceMs = recorder.elapsedMs();
      const chosen = operations.sendable(kinds);
      for (let turn = 0; !stop.aborted; turn++) {
        const operation = chosen[turn % Math.max(1, chosen.length)];
        if (operation) void sendOnce(environment, operation, 'load', stop);
        const share = Math.min(1, (recorder.elapsedMs() - sinceMs) / overMs);
        await pause(1000 / (from + share * (to - from)), stop);
      }
    },
  };
}
