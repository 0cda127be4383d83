/**
 * The target is asked to end by its signal while requests are open, and started again when it has. One that
 * does not end is killed when the fault is healed: `exits-in-grace` has judged it by then.
 */

import { z } from 'zod';
import type { HistoryEvent } from '../../history/events.ts';
import { messageOf } from '../../platform/errors.ts';
import { checkOptions, count } from '../../platform/options.ts';
import { pause } from '../../platform/wait.ts';
import type { Fault } from '../fault.ts';

export interface StopOptions {
  /** After so many requests of the fault phase have been sent; four when not given. */
  requests?: number;
}

const SHAPE = z.strictObject({ requests: count.optional() });

export function stops(options: StopOptions = {}): Fault {
  checkOptions('target.stops', SHAPE, options);
  const { requests: after = 4 } = options;
  return {
    name: 'target.stops',
    needs: ['stop', 'restart'],
    touches: () => [],
    async inject({ slot, recorder, requests, declared, model }) {
      let sent = 0;
      let openThen = 0;
      let hasExited = false;
      let stopping: Promise<void> | null = null;
      const called = Promise.withResolvers<void>();
      const over = new AbortController();
      const stopAndStart = async (): Promise<void> => {
        // Sent is not yet under way: a server that calls a model is asked to end in the middle of a call.
        const patienceMs = model === null ? 0 : declared.limits.requestMs / 4;
        await Promise.race([called.promise, pause(patienceMs, over.signal)]);
        openThen = requests.openCount;
        await slot.stop();
        hasExited = true;
        await slot.startAgain();
      };
      const listening = recorder.onEvent((event: HistoryEvent) => {
        if (event.kind === 'model-start' && stopping) called.resolve();
        if (event.kind !== 'request' || stopping || ++sent < after) return;
        stopping = stopAndStart().catch((error: unknown) => {
          const message = messageOf(error);
          recorder.record({ kind: 'harness-trouble', part: 'target.stops', message });
        });
      });
      return {
        async evidence() {
          return stopping && `asked to end with ${openThen} requests open`;
        },
        async [Symbol.asyncDispose]() {
          listening[Symbol.dispose]();
          over.abort();
          if (stopping && !hasExited) await slot.kill();
          await stopping;
        },
      };
    },
  };
}
