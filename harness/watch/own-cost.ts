/** What hanglab itself takes of the machine while it watches: its own CPU time, and that of `ss`, which it runs. */
import { readText } from '../platform/procfs/files.ts';
import { TICK_MS } from '../platform/procfs/process.ts';

/** CPU time so far, in ms; that of children that have ended in steps of 10 ms. */
export function ownCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000 + endedChildrenMs();
}

function endedChildrenMs(): number {
  const text = readText('/proc/self/stat');
  if (text === null) return 0;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) * TICK_MS;
}
