/**
 * Loaded into a server that clinic watches. Clinic writes down what it has seen when Node runs out of work
 * (`beforeExit`), and then ends the process; a server that ends itself by `process.exit()` never gets
 * there, and its last samples, or all of them, are lost. So the first `process.exit()` lets clinic write.
 */
import { isMainThread } from 'node:worker_threads';

/** So long may clinic take; `?limitMs=` in the URL by which this was loaded. */
const limitMs = Number(new URL(import.meta.url).searchParams.get('limitMs'));

if (isMainThread) letTheProfilerWrite();

function letTheProfilerWrite(): void {
  const exit = process.exit.bind(process);
  let writing = false;
  const exitLater = (code?: number | string | null): void => {
    if (!writing) {
      writing = true;
      process.exitCode = code ?? process.exitCode ?? 0;
      setTimeout(exit, limitMs);
      process.emit('beforeExit', Number(process.exitCode));
      return;
    }
    // The second call is the profiler's: it has written. One with a code is the server's own, whose time
    // to end in was not meant to hold a profiler's work too.
    if (!code) exit();
  };
  process.exit = exitLater as typeof process.exit;
}
