/** Timers for toxics: any length, and finer than the event loop's own millisecond. */
import { monotonicMs } from '../../../platform/clock.ts';

/** The longest that a single timer of the runtime can wait: 2^31 - 1 ms. */
const LONGEST_TIMER_MS = 2_147_483_647;

/**
 * Calls `fire` once after `ms`, never early. Returns what cancels it.
 *
 * The runtime's timers count whole milliseconds from a clock read at the start of the event loop's
 * turn, and so fire up to one early as well as late. One is set for the whole milliseconds only; for
 * what is left of the last one, turns of the loop are counted out.
 */
export function after(ms: number, fire: () => void): () => void {
  const due = monotonicMs() + ms;
  let timer: NodeJS.Timeout | undefined;
  let turn: NodeJS.Immediate | undefined;
  const check = (): void => {
    const left = due - monotonicMs();
    if (left <= 0) fire();
    else if (left < 1) turn = setImmediate(check);
    else timer = setTimeout(check, Math.min(Math.floor(left), LONGEST_TIMER_MS));
  };
  check();
  return () => {
    clearTimeout(timer);
    clearImmediate(turn);
  };
}
