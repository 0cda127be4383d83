/** The processes below a process: what they run, how old they are, and those that nobody has reaped. */
import { readText } from '../../platform/procfs/files.ts';
import { readChildren, readStat, TICK_MS } from '../../platform/procfs/process.ts';
import { redact } from '../../platform/redact.ts';
import type { Child } from '../facts/outside-facts.ts';

const MAX_COMMAND_CHARACTERS = 200;
/** A command line may be 128 kB long: beyond this much nothing is searched for secrets, or shown. */
const MAX_READ_CHARACTERS = 2000;
/** A build may have thousands of processes below it: of this many the children are read. */
const MAX_PARENTS = 200;

/** Some 40 µs. Secrets are left out; a zombie has only its name left. `null` when it has gone. */
export function readChild(pid: number): Child | null {
  const stat = readStat(pid);
  if (!stat) return null;
  const uptimeMs = Number.parseFloat(readText('/proc/uptime') ?? '') * 1000;
  const line = (readText(`/proc/${pid}/cmdline`) ?? '').slice(0, MAX_READ_CHARACTERS);
  const command = line.replaceAll('\0', ' ').trim();
  return {
    pid,
    parent: stat.parent,
    state: stat.state,
    command: redact(command || stat.name).slice(0, MAX_COMMAND_CHARACTERS),
    ageMs: Math.max(0, Math.round(uptimeMs - stat.startTicks * TICK_MS)),
  };
}

/** Children, their children, and so on, nearest first. */
export function readDescendants(pid: number): Child[] {
  const found: Child[] = [];
  const parents = [pid];
  for (let visited = 0; visited < Math.min(parents.length, MAX_PARENTS); visited++) {
    for (const child of readChildren(parents[visited] as number).map(readChild)) {
      if (!child) continue;
      found.push(child);
      if (child.state !== 'Z') parents.push(child.pid);
    }
  }
  return found;
}
