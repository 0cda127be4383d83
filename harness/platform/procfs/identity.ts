/**
 * A process by its number and the instant of its start. The kernel hands numbers out again, so whoever looked
 * a process up a moment ago may be about to signal another one.
 */
import { readStat } from './process.ts';

export interface ProcessIdentity {
  readonly pid: number;
  /** Ticks between the machine's start and the process's. */
  readonly startTicks: number;
}

/** Of the process that has this number now; null when there is none, or only a zombie is left of it. */
export function identify(pid: number): ProcessIdentity | null {
  const stat = readStat(pid);
  return stat && !hasEnded(stat.state) ? { pid, startTicks: stat.startTicks } : null;
}

/** Whether the process is still there, and still the same. */
export function isStill({ pid, startTicks }: ProcessIdentity): boolean {
  return identify(pid)?.startTicks === startTicks;
}

/**
 * Sends a signal if the process is still the same, looked up right before.
 * @returns false when it is not, or may not be signalled: then nothing was sent.
 */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals | number): boolean {
  if (!isStill(identity)) return false;
  try {
    return process.kill(identity.pid, signal);
  } catch {
    return false;
  }
}

function hasEnded(state: string): boolean {
  return state === 'Z' || state === 'X';
}
