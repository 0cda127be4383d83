/**
 * One monotonic clock for all threads and processes of a run.
 *
 * `performance.now()` counts from each thread's own start; `process.hrtime` reads the machine's
 * CLOCK_MONOTONIC, so instants taken in the probes' thread, in the scripted model's process and
 * in the run itself can be compared.
 */

/** Milliseconds, with a fraction, since an arbitrary instant that is the same on the whole machine. */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
