/**
 * A bounded pool of threads for work that would block the event loop. Threads start on demand and end
 * when idle. Cancelling a job ends its thread.
 */
import { Tinypool } from 'tinypool';
import { moduleUrl } from '../../harness/platform/module-url.ts';
import { badRequest } from '../refusal.ts';

export interface FindJob {
  sessionId: string;
  texts: readonly string[];
  /** A regular expression. */
  pattern: string;
}

export interface Match {
  /** The index of the text, and the offset in it. */
  message: number;
  at: number;
  text: string;
}

export interface Workers extends AsyncDisposable {
  /** @throws Refusal 400 for an invalid pattern; the signal's reason when that is aborted */
  run(job: FindJob, signal: AbortSignal): Promise<Match[]>;
  /** The number of threads, and of jobs that wait for one. */
  state(): { threads: number; waiting: number };
}

/** An idle thread is ended after this long. */
const IDLE_MS = 1000;

export const FIND_MODULE = moduleUrl('./find', import.meta.url).href;

export function workerPool(threads: number): Workers {
  const pool = new Tinypool({
    filename: FIND_MODULE,
    runtime: 'worker_threads',
    minThreads: 0,
    maxThreads: threads,
    concurrentTasksPerWorker: 1,
    idleTimeout: IDLE_MS,
    // Idle threads wait in their event loop, not in Atomics.wait.
    useAtomics: false,
  });
  return {
    async run(job, signal) {
      try {
        return await pool.run(job, { signal });
      } catch (error) {
        signal.throwIfAborted();
        throw asRefusal(error);
      }
    },
    state: () => ({ threads: pool.threads.length, waiting: pool.queueSize }),
    [Symbol.asyncDispose]: () => pool.destroy(),
  };
}

export function asRefusal(error: unknown): unknown {
  if ((error as Error).name !== 'SyntaxError') return error;
  return badRequest('bad-pattern', (error as Error).message);
}
