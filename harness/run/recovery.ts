/**
 * When a server has recovered: whatever it was asked before the heal has ended, and each operation that is
 * asked has succeeded again, without a failure. Waiting on would show nothing that the checks do not.
 */
import { requestLimitMs } from '../checks/liveness/every-request-ends.ts';
import type { Limits } from '../history/events.ts';
import type { Recorder } from '../history/recorder.ts';

/** One success may be the last answer of a connection that dies with the next. */
const SUCCESSES = 2;
const LEAST_RECOVERY_MS = 1_000;

/** Recovery lasts for at least this long, so that what comes late (a retry, a pool that fills) is seen. */
export function leastRecoveryMs(limits: Limits): number {
  return Math.min(LEAST_RECOVERY_MS, requestLimitMs(limits) / 2);
}

export interface RecoveryWatch extends Disposable {
  hasRecovered(): boolean;
}

/** Of a server that failed a request after the heal the whole phase is wanted: it may fail every other one. */
export function watchRecovery(recorder: Recorder, openBefore: Iterable<number>): RecoveryWatch {
  const older = new Set(openBefore);
  const operationOf = new Map<number, string>();
  const successes = new Map<string, number>();
  let hasFailed = false;
  const listening = recorder.onEvent((event) => {
    if (event.kind === 'request') {
      operationOf.set(event.id, event.operation);
      successes.set(event.operation, successes.get(event.operation) ?? 0);
    } else if (event.kind === 'request-end') {
      older.delete(event.id);
      const operation = operationOf.get(event.id);
      operationOf.delete(event.id);
      if (operation === undefined) return;
      if (event.outcome === 'failed') hasFailed = true;
      if (event.outcome !== 'ok') return;
      successes.set(operation, (successes.get(operation) ?? 0) + 1);
    }
  });
  return {
    hasRecovered: () =>
      !hasFailed &&
      older.size === 0 &&
      successes.size > 0 &&
      [...successes.values()].every((count) => count >= SUCCESSES),
    [Symbol.dispose]: () => listening[Symbol.dispose](),
  };
}
