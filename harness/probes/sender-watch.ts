/**
 * Is the thread that sends the load late itself? Requests are timed there, so while it did not get a core, or was
 * busy, their answers look later than they were. That is never held against the target.
 */
import type { Recorder } from '../history/recorder.ts';
import { monotonicMs } from '../platform/clock.ts';

const EVERY_MS = 50;
/** As late as the control server may be. */
const LATE_MS = 100;

export function watchSender(recorder: Recorder): Disposable {
  let dueMs = monotonicMs() + EVERY_MS;
  const timer = setInterval(() => {
    const nowMs = monotonicMs();
    const lateMs = Math.round(nowMs - dueMs);
    if (lateMs >= LATE_MS) recorder.record({ kind: 'sender-late', lateMs });
    dueMs = nowMs + EVERY_MS;
  }, EVERY_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
