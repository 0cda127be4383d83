import { monotonicMs } from '../../platform/clock.ts';

/**
 * A timer that ends with its request: one listener for all the waits of an answer.
 *
 * It is set in the next turn of the event loop. In this one the loop's own clock stands at the turn's
 * start, and a timer would be late by all that has been done since: a millisecond or two where many
 * streams are written to at once.
 */
export function waiter(signal: AbortSignal): (ms: number) => Promise<void> {
  let turn: NodeJS.Immediate | undefined;
  let timer: NodeJS.Timeout | undefined;
  let giveUp: ((reason: unknown) => void) | undefined;
  signal.addEventListener('abort', () => {
    clearImmediate(turn);
    clearTimeout(timer);
    giveUp?.(signal.reason);
  });
  return (ms) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      giveUp = reject;
      const due = monotonicMs() + ms;
      turn = setImmediate(() => {
        timer = setTimeout(resolve, Math.max(0, Math.round(due - monotonicMs())));
      });
    });
}
