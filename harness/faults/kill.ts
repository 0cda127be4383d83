/**
 * The target is killed (SIGKILL) in the instant at which it acknowledges a document, or shortly after it,
 * and started again over the same data; by count, not by clock. kill -9 keeps the page cache: a missing fsync cannot be
 * seen this way.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { HistoryEvent } from '../history/history.ts';
import type { Environment } from '../run/environment.ts';
import type { Fault } from './fault.ts';

export interface KillOptions {
  /** How often. */
  times: number;
  /** After so many acknowledgements since the last start; drawn between the two, by the seed. */
  acknowledgements: readonly [min: number, max: number];
}

/** Within this time of its acknowledgement a document is being indexed. */
const LATEST_MS = 150;

export function killOnAcknowledgement({ times, acknowledgements }: KillOptions): Fault {
  let kills = 0;
  return {
    name: 'target.kill',
    link: 'front',
    async inject(environment: Environment) {
      kills = 0;
      const { slot, recorder } = environment;
      const draw = environment.random.fork('kills');
      let left = draw.integer(...acknowledgements);
      let restarting: Promise<void> | null = null;
      let over = false;
      const killAndStart = async (): Promise<void> => {
        // Every other one in the very instant, the rest at any instant of the work that follows.
        const delayMs = kills % 2 === 0 ? 0 : draw.integer(1, LATEST_MS);
        await sleep(delayMs);
        await slot.kill();
        kills++;
        await slot.startAgain();
        left = draw.integer(...acknowledgements);
        restarting = null;
      };
      const onEvent = (event: HistoryEvent): void => {
        const acknowledged = event.kind === 'request-end' && event.acknowledged !== null;
        if (over || restarting || kills >= times || !acknowledged || --left > 0) return;
        restarting = killAndStart().catch((error: unknown) => {
          const message = error instanceof Error ? error.message : String(error);
          recorder.record({ kind: 'harness-trouble', part: 'target.kill', message });
        });
      };
      recorder.onEvent(onEvent);
      return {
        async [Symbol.asyncDispose]() {
          over = true;
          await restarting;
        },
      };
    },
    async fired() {
      return kills === 0 ? null : `killed and started again ${kills} times`;
    },
  };
}
