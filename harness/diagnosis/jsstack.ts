/** The JavaScript stack of a loop that does not come back, by pausing it for a moment. */
import { setTimeout as sleep } from 'node:timers/promises';
import { HanglabError } from '../errors.ts';
import type { Inspector, Reply } from './inspector.ts';
import { followScripts } from './scripts.ts';
import type { Frame } from './types.ts';

const MAX_FRAMES = 30;

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
  const paused = new Promise<Reply>((resolve) => inspector.on('Debugger.paused', resolve));
  await inspector.send('Debugger.pause', {}, timeoutMs);
  const stop = await Promise.race([paused, sleep(timeoutMs, null)]);
  if (stop === null) return null;
  await inspector.send('Debugger.resume').catch((error: unknown) => {
    if (!(error instanceof HanglabError)) throw error;
  });
  return Promise.all(
    stop.callFrames.slice(0, MAX_FRAMES).map(async ({ functionName, location }: Reply) => ({
      function: functionName || '(anonymous)',
      ...(await scripts.place({
        scriptId: location.scriptId,
        line: location.lineNumber,
        column: location.columnNumber ?? 0,
      })),
    })),
  );
}

/** The innermost frame of the program's own code: not Node's, and not a package's if that can be. */
export function ownFrame(frames: readonly Frame[]): Frame | null {
  const isOwn = ({ file }: Frame) => file.startsWith('/') || /^[a-z]+:\/\//.test(file);
  return (
    frames.find((frame) => isOwn(frame) && !frame.file.includes('/node_modules/')) ??
    frames.find(isOwn) ??
    frames[0] ??
    null
  );
}
