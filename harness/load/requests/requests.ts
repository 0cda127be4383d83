/**
 * Requests of any kind: all operations of the target in turn, or those that call the upstream with the fault.
 * At a fixed rate, or by so many clients one after another.
 */

import { z } from 'zod';
import type { Environment } from '../../environment/environment.ts';
import type { Limits, OperationKind, Phase } from '../../history/events.ts';
import { checkOptions, count } from '../../platform/options.ts';
import type { Need } from '../../target/needs.ts';
import type { Operation } from '../../target/operations/operation.ts';
import { type Timing, timing, timingMs } from '../../target/timing.ts';
import { duringShape, kindsShape, type Load, THROUGH_FAULT } from '../load.ts';
import { atOnce, atRate, byClients } from '../rate.ts';
import { watchOperations } from '../watch.ts';

export interface CallOptions {
  /** Send one each so often, whatever has become of those before. Without it: one after another. */
  every?: Timing;
  /** How many clients do that at the same time, without `every`. */
  clients?: number;
  /** How many requests altogether; without it, until the last of its phases ends. */
  count?: number;
  /** How large the text of each is, where that can be chosen. */
  bytes?: number;
  during?: readonly Phase[];
}

export interface AnyRequestOptions extends CallOptions {
  /** Which operations; reads, streams and writes when not given. */
  kinds?: readonly OperationKind[];
}

const CALLS = {
  every: timing.optional(),
  clients: count.optional(),
  count: count.optional(),
  bytes: count.optional(),
  during: duringShape.optional(),
};

/** All operations in turn, but for deletions. */
export function requests(options: AnyRequestOptions = {}): Load {
  checkOptions('requests', z.strictObject({ ...CALLS, kinds: kindsShape.optional() }), options);
  const { kinds } = options;
  return sent('requests', 'operation', options, kinds, ({ operations }) =>
    operations.sendable(kinds),
  );
}

/** The operations that call an upstream with the fault: found out in warmup, by watching each of them. */
export function calls(options: CallOptions = {}): Load {
  checkOptions('calls', z.strictObject(CALLS), options);
  const callers = ({ operations }: Environment) => operations.callers();
  return sent('calls', 'operation', options, undefined, callers, true);
}

const STREAMS = z.strictObject(CALLS);

/**
 * All streams in turn; where there are some that end, those only: one without an end would keep its client for good
 * (see `listeners`). It is left when the load ends.
 */
export function streams(options: CallOptions = {}): Load {
  checkOptions('streams', STREAMS, options);
  return sent('streams', 'stream', options, ['stream'], ({ operations }) => {
    const all = operations.all('stream');
    const ending = all.filter(({ stream }) => !stream?.endless);
    return ending.length > 0 ? ending : all;
  });
}

/** More at a time are no warm-up. */
const MOST_AT_A_TIME = 32;

/** How many are open at this rate when each of them takes as long as it may. */
function openAtRate(every: Timing, limits: Limits): number {
  const open = (1.5 * limits.requestMs) / Math.max(1, timingMs(every, limits));
  return Math.min(MOST_AT_A_TIME, Math.ceil(open));
}

function sent(
  name: string,
  need: Need,
  options: CallOptions,
  kinds: readonly OperationKind[] | undefined,
  choose: (environment: Environment) => readonly Operation[],
  idsInTurn = false,
): Load {
  const { every, clients = 1, count: total, during = THROUGH_FAULT } = options;
  const sending = (environment: Environment, stop: AbortSignal) => ({
    ...{ environment, group: 'load', stop },
    input: { ...(options.bytes === undefined ? {} : { bytes: options.bytes }), idsInTurn },
    choose: () => choose(environment),
  });
  return {
    name,
    needs: [need],
    watches: true,
    during,
    endless: total === undefined,
    async warmup(environment, stop) {
      await watchOperations(environment, kinds, 'load', stop);
      const atATime =
        every === undefined ? clients : openAtRate(every, environment.declared.limits);
      if (atATime <= 1) return;
      await atOnce({ ...sending(environment, stop), isWarmup: true }, atATime);
    },
    run(environment, stop) {
      const { declared, scale } = environment;
      if (every !== undefined) {
        return atRate(sending(environment, stop), timingMs(every, declared.limits));
      }
      const left = total === undefined ? Number.POSITIVE_INFINITY : Math.ceil(total * scale);
      return byClients(sending(environment, stop), clients, left);
    },
  };
}
