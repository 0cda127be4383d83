/** More and more of something open at a time, doubled step by step: a verdict names how many it took. */
import type { Environment } from '../environment/environment.ts';
import { pause } from '../platform/wait.ts';

export interface ClimbOptions {
  /** `silent connection` and `silent connections` */
  what: readonly [one: string, many: string];
  from: number;
  most: number;
  /** How long each level lasts before the next one. */
  stepMs: number;
}

/** At the last level those that have gone are replaced so seldom: a server that refuses is not hammered. */
const REFILL_STEPS = 4;

/** `from`, doubled until it is `most`, which is the last one. */
export function levelsOf(from: number, most: number): number[] {
  const levels: number[] = [];
  for (let level = from; level < most; level *= 2) levels.push(level);
  return [...levels, most];
}

/**
 * Goes through the levels and stays at the last one until `stop` aborts.
 * @param reach brings as many as are asked for; resolves with how many are open then.
 */
export async function climb(
  { recorder }: Pick<Environment, 'recorder'>,
  { what, from, most, stepMs }: ClimbOptions,
  stop: AbortSignal,
  reach: (count: number) => Promise<number>,
): Promise<void> {
  const levels = levelsOf(from, most);
  const say = (count: number): void =>
    recorder.record({ kind: 'level', what: what[count === 1 ? 0 : 1], count });
  for (let step = 0; !stop.aborted; step++) {
    const wanted = levels[Math.min(step, levels.length - 1)] ?? most;
    const isHigher = step < levels.length;
    // Said before: what is sent while they are opened is sent with them.
    if (isHigher) say(wanted);
    if (isHigher || step % REFILL_STEPS === 0) {
      const reached = await reach(wanted);
      if (isHigher && reached !== wanted) say(reached);
    }
    await pause(stepMs, stop);
  }
  say(0);
}
