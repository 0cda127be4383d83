/**
 * Threads for work that would occupy the event loop: a bounded number, started when they are needed
 * and ended when they are not. A job that is called off takes its thread with it.
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
  /** The place of the text, and the place in it. */
  message: number;
  at: number;
  text: string;
}

export interface Workers extends AsyncDisposable {
  /** @throws Refusal 400 when the pattern is none; the signal's reason when that is aborted */
  run(job: FindJob, signal: AbortSignal): Promise<Match[]>;
  /** Threads there are now, and jobs that wait for one. */
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
    // An idle thread waits on its own event loop, as any other does.
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
