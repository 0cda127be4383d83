/** Timers for toxics: any length, and finer than the event loop's own millisecond. */
import { monotonicMs } from '../../clock.ts';

/** The longest that a single timer of the runtime can wait: 2^31 - 1 ms. */
const LONGEST_TIMER_MS = 2_147_483_647;

/**
 * Calls `fire` once after `ms`, never early. Returns what cancels it.
 * The runtime's timers count whole milliseconds from a clock read at the start of the event loop's
 * turn, and so may fire early as well as late: an early one is armed again.
 */
export function after(ms: number, fire: () => void): () => void {
  const due = monotonicMs() + ms;
  let timer: NodeJS.Timeout;
  const arm = (leftMs: number): void => {
    timer = setTimeout(check, Math.min(Math.ceil(leftMs), LONGEST_TIMER_MS));
  };
  const check = (): void => {
    const left = due - monotonicMs();
    if (left <= 0) fire();
    else arm(left);
  };
  arm(ms);
  return () => clearTimeout(timer);
}
