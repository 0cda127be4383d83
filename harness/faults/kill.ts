/**
 * The target is killed (SIGKILL) in the instant at which it acknowledges a write, or shortly after it, and
 * started again over the same data; by count, not by clock. kill -9 keeps the page cache: a missing fsync
 * cannot be seen this way.
 */

import { z } from 'zod';
import type { HistoryEvent } from '../history/events.ts';
import { messageOf } from '../platform/errors.ts';
import { checkOptions, count, range } from '../platform/options.ts';
import { plural } from '../platform/plural.ts';
import { pause } from '../platform/wait.ts';
import type { Fault } from './fault.ts';

export interface KillOptions {
  /** How often. */
  times: number;
  /** After so many acknowledgements since the last start; drawn between the two, by the seed. */
  acknowledgements: readonly [min: number, max: number];
}

/** Within this time of its acknowledgement accepted work is being done by most servers. */
const LATEST_MS = 150;

const SHAPE = z.strictObject({ times: count, acknowledgements: range });

export function killOnAcknowledgement(options: KillOptions): Fault {
  checkOptions('target.killOnAcknowledgement', SHAPE, options);
  const { times, acknowledgements } = options;
  return {
    name: 'target.kill',
    needs: ['restart', 'write'],
    touches: () => [],
    async inject(environment) {
      const { slot, recorder } = environment;
      const draw = environment.random.fork('kills');
      const over = new AbortController();
      let kills = 0;
      let left = draw.integer(...acknowledgements);
      let restarting: Promise<void> | null = null;
      const killAndStart = async (): Promise<void> => {
        // Every other one in the very instant, the rest at any instant of the work that follows.
        const delayMs = kills % 2 === 0 ? 0 : draw.integer(1, LATEST_MS);
        await pause(delayMs, over.signal);
        await slot.kill();
        kills++;
        await slot.startAgain();
        left = draw.integer(...acknowledgements);
        restarting = null;
      };
      const onEvent = (event: HistoryEvent): void => {
        const acknowledged = event.kind === 'request-end' && event.acknowledged !== null;
        const isDone = over.signal.aborted || kills >= times;
        if (isDone || restarting || !acknowledged || --left > 0) return;
        restarting = killAndStart().catch((error: unknown) => {
          const message = messageOf(error);
          recorder.record({ kind: 'harness-trouble', part: 'target.kill', message });
        });
      };
      const listening = recorder.onEvent(onEvent);
      return {
        async evidence() {
          return kills === 0 ? null : `killed and started again ${plural(kills, 'time')}`;
        },
        async [Symbol.asyncDispose]() {
          over.abort();
          listening[Symbol.dispose]();
          await restarting;
        },
      };
    },
  };
}
