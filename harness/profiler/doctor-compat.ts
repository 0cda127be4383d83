/** Loaded into a server that clinic's doctor watches, so that it behaves under doctor as it does without. */
import { open, url } from 'node:inspector';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  answerSigusr1();
  measureMemoryWithoutDescriptors();
}

/**
 * By this signal Node opens its inspector, and hanglab looks into a server that hangs; doctor catches it
 * and does nothing. Doctor's listener stays: without any, the signal would end the process.
 */
function answerSigusr1(): void {
  process.on('SIGUSR1', () => {
    if (url() === undefined) open(0, '127.0.0.1');
  });
}

/**
 * Doctor measures memory every 10 ms, for which Node opens a file: where a server has no descriptor left,
 * and bears it, doctor would crash it.
 */
function measureMemoryWithoutDescriptors(): void {
  const { memoryUsage } = process;
  let last = memoryUsage();
  const measure = (): NodeJS.MemoryUsage => {
    try {
      last = memoryUsage();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).syscall !== 'uv_resident_set_memory') throw error;
    }
    return last;
  };
  process.memoryUsage = Object.assign(measure, { rss: memoryUsage.rss });
}
