/**
 * The processes of a target: the first one and everything below it, read again each time, since workers come
 * and go. The number of a process may be given to another one: its start time tells them apart.
 */
import { readChildren, readStat } from '../platform/procfs/process.ts';

export interface ProcessTree {
  /** The first process: the one that hanglab started, or that was named. */
  readonly rootPid: number;
  /** All that are alive now, the first one first; empty when that has gone. */
  pids(): number[];
}

export function processTree(rootPid: number): ProcessTree {
  const born = readStat(rootPid)?.startTicks;
  return {
    rootPid,
    pids: () => (readStat(rootPid)?.startTicks === born ? pidsBelow(rootPid) : []),
  };
}

/** `pid` and its descendants, parents first; zombies have ended and are left out. */
export function pidsBelow(pid: number): number[] {
  const found: number[] = [];
  const waiting = [pid];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const state = readStat(next)?.state;
    if (state === undefined || state === 'Z' || state === 'X' || found.includes(next)) continue;
    found.push(next);
    waiting.push(...readChildren(next));
  }
  return found;
}
