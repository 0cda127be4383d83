import {
  isMainThread,
  type MessagePort,
  parentPort,
  Worker,
  workerData,
} from 'node:worker_threads';
import { untilAborted } from '../../scope.ts';
import find from '../../workers/find.ts';
import { asRefusal, type FindJob, type Match } from '../../workers/workers.ts';
import { defect } from '../defect.ts';

const NAME = 'bridge-without-timeout';

type Call = { emit: true } | { find: FindJob };

/** A thread with its own event loop, and calls that wait for that loop. */
interface Bridge {
  call(call: Call): Promise<unknown>;
  thread: Worker;
}

export default defect({
  why: "Emitting waits, without a limit, for another thread's event loop, which also runs tasks.",
  parts(healthy) {
    let bridge: Bridge | undefined;
    const opened = () => {
      bridge ??= openBridge();
      return bridge;
    };
    return {
      broadcast(parts) {
        const broadcast = healthy.broadcast(parts);
        return {
          async piece(...piece) {
            await opened().call({ emit: true });
            await broadcast.piece(...piece);
          },
          async emit(event) {
            await opened().call({ emit: true });
            await broadcast.emit(event);
          },
          stop: broadcast.stop,
        };
      },
      workers: () => ({
        run: async (job, signal) =>
          (await untilAborted(opened().call({ find: job }), signal)) as Match[],
        state: () => ({ threads: bridge ? 1 : 0, waiting: 0 }),
        async [Symbol.asyncDispose]() {
          await bridge?.thread.terminate();
        },
      }),
    };
  },
});

function openBridge(): Bridge {
  const thread = new Worker(new URL(import.meta.url), { workerData: { name: NAME } });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let calls = 0;
  thread.on('message', ({ id, result, error }) => {
    const one = waiting.get(id);
    waiting.delete(id);
    if (error) one?.reject(asRefusal(error));
    else one?.resolve(result);
  });
  return {
    thread,
    call(call) {
      const answer = Promise.withResolvers<unknown>();
      calls++;
      waiting.set(calls, answer);
      thread.postMessage({ id: calls, call });
      return answer.promise;
    },
  };
}

/** In the thread: answers one call after another. */
function serve(port: MessagePort): void {
  port.on('message', ({ id, call }: { id: number; call: Call }) => {
    try {
      port.postMessage({ id, result: 'find' in call ? find(call.find) : null });
    } catch (error) {
      port.postMessage({ id, error });
    }
  });
}

if (!isMainThread && workerData?.name === NAME && parentPort) serve(parentPort);
