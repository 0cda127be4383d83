import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { untilAborted } from '../../scope.ts';
import find from '../../workers/find.ts';
import { asRefusal, type Match } from '../../workers/workers.ts';
import { defect } from '../defect.ts';

const NAME = 'thread-per-session';

export default defect({
  why: 'Each session gets its own worker thread, which is never ended, not even with the session.',
  parts: () => ({
    workers() {
      const threads = new Map<string, Worker>();
      const threadOf = (sessionId: string): Worker => {
        const thread =
          threads.get(sessionId) ??
          new Worker(new URL(import.meta.url), { workerData: { name: NAME } });
        threads.set(sessionId, thread);
        return thread;
      };
      return {
        async run(job, signal) {
          const thread = threadOf(job.sessionId);
          thread.postMessage(job);
          const [{ result, error }] = await untilAborted(once(thread, 'message'), signal);
          if (error) throw asRefusal(error);
          return result as Match[];
        },
        state: () => ({ threads: threads.size, waiting: 0 }),
        async [Symbol.asyncDispose]() {
          await Promise.all([...threads.values()].map((thread) => thread.terminate()));
        },
      };
    },
  }),
});

if (!isMainThread && workerData?.name === NAME) {
  parentPort?.on('message', (job) => {
    try {
      parentPort?.postMessage({ result: find(job) });
    } catch (error) {
      parentPort?.postMessage({ error });
    }
  });
}
