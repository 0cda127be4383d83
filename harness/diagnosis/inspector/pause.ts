/** Holds a Node process between two of its statements, so that what is asked of it belongs together. */
import { setTimeout as sleep } from 'node:timers/promises';
import { HanglabError } from '../../platform/errors.ts';
import type { Inspector } from './session.ts';

const STOPPING_MS = 10_000;
/** Longer than any look: the answer comes when the process goes on. */
const ANSWERED_MS = 300_000;
/** Nobody needs it paused for longer: what is asked meanwhile takes milliseconds, unless nobody gets a core. */
const LIMIT_MS = 2000;
/**
 * From the event loop, never at once: a question is answered in the midst of whatever runs, and V8 ends a
 * process that stops there in the first instant of a function, which has no variables yet. By a timer, since the loop
 * reads its sockets next: what clients have sent meanwhile is seen before timers that have run out close their
 * connections.
 */
const STOP = `new Promise((resolve) => setTimeout(() => {
  const begin = performance.now();
  debugger;
  resolve(performance.now() - begin);
}, 0))`;

export interface Paused extends AsyncDisposable {
  /** It resumed by itself after the limit, so the answers do not belong to one moment. */
  isOver(): boolean;
  /** Lets it go on after what it has been asked so far, without waiting for the answers; how long it was paused, as it counts itself. */
  goOn(): Promise<number>;
}

/**
 * From here until it is disposed of nothing of the program runs: what is asked one by one is the state of
 * one moment. A process whose inspector we leave, or whose observer dies, goes on by itself.
 * `Debugger.enable` comes first.
 * @throws HanglabError `inspector-silent` when it does not come back to its event loop.
 */
export async function pauseProcess(
  inspector: Inspector,
  { limitMs = LIMIT_MS }: { limitMs?: number } = {},
): Promise<Paused> {
  const begin = performance.now();
  const stopped = new Promise<'stopped'>((resolve) => {
    inspector.on('Debugger.paused', () => resolve('stopped'));
  });
  const asked = inspector.send(
    'Runtime.evaluate',
    { expression: STOP, awaitPromise: true, silent: true },
    ANSWERED_MS,
  );
  const wentOn = asked.then(
    ({ result }) => (typeof result.value === 'number' ? result.value : performance.now() - begin),
    () => performance.now() - begin,
  );
  const late = new AbortController();
  const tooLong = sleep(STOPPING_MS, 'late' as const, { ref: false, signal: late.signal });
  const came = await Promise.race([stopped, wentOn, tooLong.catch(() => 'late' as const)]);
  late.abort();
  if (came === 'late') {
    throw new HanglabError(
      'inspector-silent',
      `It did not come back to its event loop within ${STOPPING_MS / 1000} s.`,
    );
  }
  let isGoing = came !== 'stopped';
  let isOver = false;
  const resume = (): void => {
    // An interrupted or closed session cannot be told to: leaving it lets the process go on.
    if (!isGoing) inspector.send('Debugger.resume', undefined, ANSWERED_MS).catch(() => {});
    isGoing = true;
  };
  const limit = setTimeout(() => {
    isOver = true;
    resume();
  }, limitMs);
  const goOn = async (): Promise<number> => {
    clearTimeout(limit);
    resume();
    return wentOn;
  };
  return {
    goOn,
    isOver: () => isOver,
    async [Symbol.asyncDispose]() {
      await goOn();
    },
  };
}
