/**
 * The target is killed (SIGKILL) in the instant at which it answers, or shortly after it, and started again
 * over the same data; by count, not by clock. kill -9 keeps the page cache: a missing fsync cannot be seen
 * this way.
 */

import { z } from 'zod';
import type { HistoryEvent } from '../../history/events.ts';
import { messageOf } from '../../platform/errors.ts';
import { checkOptions, count, range } from '../../platform/options.ts';
import { plural } from '../../platform/plural.ts';
import { pause } from '../../platform/wait.ts';
import type { Need } from '../../target/needs.ts';
import type { Fault } from '../fault.ts';

type Range = readonly [min: number, max: number];

export interface KillOptions {
  /** How often. */
  times: number;
  /** After so many acknowledgements since the last start; drawn between the two, by the seed. */
  acknowledgements: Range;
}

export interface CrashOptions {
  /** How often. */
  times: number;
  /** After so many good answers since the last start; drawn between the two, by the seed. */
  answers: Range;
}

/** Within this time of its acknowledgement accepted work is being done by most servers. */
const LATEST_MS = 150;

/** Counts the writes that were acknowledged with an id. */
export function killOnAcknowledgement(options: KillOptions): Fault {
  const shape = z.strictObject({ times: count, acknowledgements: range });
  checkOptions('target.killOnAcknowledgement', shape, options);
  const isCounted = (event: HistoryEvent): boolean =>
    event.kind === 'request-end' && event.acknowledged !== null;
  return kills(options.times, options.acknowledgements, ['restart', 'write'], isCounted);
}

/** Counts every good answer. */
export function crashes(options: CrashOptions): Fault {
  checkOptions('target.crashes', z.strictObject({ times: count, answers: range }), options);
  const isCounted = (event: HistoryEvent): boolean =>
    event.kind === 'request-end' && event.outcome === 'ok';
  return kills(options.times, options.answers, ['restart'], isCounted);
}

function kills(
  times: number,
  after: Range,
  needs: readonly Need[],
  isCounted: (event: HistoryEvent) => boolean,
): Fault {
  return {
    name: 'target.kill',
    needs,
    touches: () => [],
    async inject(environment) {
      const { slot, recorder } = environment;
      const draw = environment.random.fork('kills');
      const over = new AbortController();
      let kills = 0;
      let left = draw.integer(...after);
      let restarting: Promise<void> | null = null;
      const killAndStart = async (): Promise<void> => {
        // Every other one in the very instant, the rest at any instant of the work that follows.
        const delayMs = kills % 2 === 0 ? 0 : draw.integer(1, LATEST_MS);
        await pause(delayMs, over.signal);
        await slot.kill();
        kills++;
        await slot.startAgain();
        left = draw.integer(...after);
        restarting = null;
      };
      const onEvent = (event: HistoryEvent): void => {
        const isDone = over.signal.aborted || kills >= times;
        if (isDone || restarting || !isCounted(event) || --left > 0) return;
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
