/**
 * The processes of a command that hanglab started: its process group, and whatever has left that and still
 * carries the command's mark in its environment (daemons, workers in sessions of their own).
 */
import { readdirSync, readFileSync } from 'node:fs';

/** The variable that marks them; its value is different for each command. */
export const MARK_VARIABLE = 'HANGLAB_TARGET';

/** SIGKILL to the group that `leaderPid` leads, and to all that carry `mark`. */
export function killAll(leaderPid: number, mark: string): void {
  send(-leaderPid, 'SIGKILL');
  for (const pid of markedPids(mark)) send(pid, 'SIGKILL');
}

/** Processes of this machine that were started with `mark` in their environment and may be looked at. */
export function markedPids(mark: string): number[] {
  const wanted = `${MARK_VARIABLE}=${mark}`;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && environmentOf(pid).split('\0').includes(wanted));
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    // Gone, or somebody else's: not ours then.
    return '';
  }
}

/** @returns whether there was somebody to send it to. */
export function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}
