/** The JavaScript stack of a loop that does not come back, by pausing it for a moment. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Frame } from '../diagnosis.ts';
import { followScripts } from './scripts.ts';
import type { Inspector, Reply } from './session.ts';

const MAX_FRAMES = 30;
/** A pause may hit Node between two callbacks of the program: a step further is the program. */
const MAX_STEPS = 8;

/**
 * Where JavaScript runs at this moment, innermost first; the process goes on at once.
 * Loops, regular expressions and microtask storms are stopped so; native calls are not.
 * @returns null when nothing ran for `timeoutMs`.
 */
export async function runningStack(
  inspector: Inspector,
  timeoutMs = 3000,
): Promise<Frame[] | null> {
  const scripts = await followScripts(inspector);
  const waiting: ((stop: Reply) => void)[] = [];
  inspector.on('Debugger.paused', (stop) => waiting.shift()?.(stop));
  let frames: Frame[] | null = null;
  for (let step = 0; step < MAX_STEPS; step++) {
    const paused = new Promise<Reply>((resolve) => waiting.push(resolve));
    await inspector.send(step === 0 ? 'Debugger.pause' : 'Debugger.stepInto', {}, timeoutMs);
    const stop = await Promise.race([paused, sleep(timeoutMs, null)]);
    if (stop === null) return frames;
    frames = await Promise.all(
      stop.callFrames.slice(0, MAX_FRAMES).map(async ({ functionName, location }: Reply) => ({
        function: functionName || '(anonymous)',
        ...(await scripts.place({
          scriptId: location.scriptId,
          line: location.lineNumber,
          column: location.columnNumber ?? 0,
        })),
      })),
    );
    if (frames?.some(isOwn)) break;
  }
  await inspector.send('Debugger.resume');
  return frames;
}

/** The innermost frame of the program's own code: not Node's, and not a package's if that can be. */
export function ownFrame(frames: readonly Frame[]): Frame | null {
  return (
    frames.find((frame) => isOwn(frame) && !frame.file.includes('/node_modules/')) ??
    frames.find(isOwn) ??
    frames[0] ??
    null
  );
}

/** Not Node's own: those are `node:` without a path, and its parser's, which is compiled to WebAssembly. */
function isOwn({ file }: Frame): boolean {
  return file.startsWith('/') || (/^[a-z]+:\/\//.test(file) && !file.startsWith('wasm:'));
}
