/** The JavaScript stack of a loop that does not come back, by pausing it for a moment. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Protocol } from 'devtools-protocol/types/protocol.js';
import type { Frame } from '../diagnosis.ts';
import { originOf } from '../source/origin.ts';
import { followScripts } from './scripts.ts';
import type { Inspector } from './session.ts';

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
  const waiting: ((stop: Protocol.Debugger.PausedEvent) => void)[] = [];
  inspector.on('Debugger.paused', (stop) => waiting.shift()?.(stop));
  let frames: Frame[] | null = null;
  try {
    for (let step = 0; step < MAX_STEPS; step++) {
      const paused = new Promise<Protocol.Debugger.PausedEvent>((resolve) => waiting.push(resolve));
      await inspector.send(
        step === 0 ? 'Debugger.pause' : 'Debugger.stepInto',
        undefined,
        timeoutMs,
      );
      const stop = await Promise.race([paused, sleep(timeoutMs, null, { ref: false })]);
      if (stop === null) break;
      frames = await Promise.all(
        stop.callFrames.slice(0, MAX_FRAMES).map(async ({ functionName, location }) => {
          const { scriptId, lineNumber: line, columnNumber: column = 0 } = location;
          const place = await scripts.place({ scriptId, line, column });
          const origin = originOf(place.file);
          return { function: functionName || '(anonymous)', ...place, origin };
        }),
      );
      if (frames.some(({ origin }) => origin === 'program' || origin === 'package')) break;
    }
  } finally {
    // Refused where it is not paused. A pause that is still to come ends with `Debugger.disable`.
    await inspector.send('Debugger.resume', undefined, timeoutMs).catch(() => undefined);
  }
  return frames;
}

/** The innermost frame of the program's own code: not Node's, and not a package's if that can be. */
export function ownFrame(frames: readonly Frame[]): Frame | null {
  const from = (frame: Frame) => frame.origin ?? originOf(frame.file);
  return (
    frames.find((frame) => from(frame) === 'program') ??
    frames.find((frame) => from(frame) === 'package') ??
    frames[0] ??
    null
  );
}
