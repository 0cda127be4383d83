/** Holds a Node process still between two of its statements, so that what is asked of it belongs together. */
import type { Inspector } from './inspector.ts';

/** Longer than any look: the answer comes when the process goes on. */
const HELD_MS = 300_000;

/**
 * From here until it is disposed of nothing of the program runs: what is asked one by one is the state of
 * one moment. A process whose inspector we leave, or whose observer dies, goes on by itself.
 * `Debugger.enable` comes first.
 */
export async function standstill(inspector: Inspector): Promise<AsyncDisposable> {
  const stopped = new Promise((resolve) => inspector.on('Debugger.paused', resolve));
  const wentOn = inspector
    .send('Runtime.evaluate', { expression: 'debugger', silent: true }, HELD_MS)
    .catch(() => {});
  await Promise.race([stopped, wentOn]);
  return {
    async [Symbol.asyncDispose]() {
      await inspector.send('Debugger.resume').catch(() => {});
      await wentOn;
    },
  };
}
