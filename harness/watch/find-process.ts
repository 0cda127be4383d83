/** Which process is meant: the one of a number, or the one that listens on a port. */
import { HanglabError } from '../platform/errors.ts';
import { identify, type ProcessIdentity } from '../platform/procfs/identity.ts';
import { readListeners } from '../platform/procfs/listeners.ts';
import { readStat } from '../platform/procfs/process.ts';
import { processListeningOn } from '../platform/procfs/sockets.ts';

export type Wanted = { pid: number } | { port: number };

/** Of a master and its workers, which all listen, the master. null when there is no such process. */
export function findProcess(wanted: Wanted): ProcessIdentity | null {
  if ('pid' in wanted) return identify(wanted.pid);
  let pid = processListeningOn(wanted.port);
  while (pid !== null) {
    const parent = readStat(pid)?.parent ?? 0;
    if (parent <= 1 || !listensOn(parent, wanted.port)) return identify(pid);
    pid = parent;
  }
  return null;
}

function listensOn(pid: number, port: number): boolean {
  try {
    return readListeners(pid).some(({ localPort }) => localPort === port);
  } catch {
    // Somebody else's process.
    return false;
  }
}

/** @throws HanglabError `no-such-process`, `nobody-listens`. */
export function processOf(wanted: Wanted): ProcessIdentity {
  const found = findProcess(wanted);
  if (found) return found;
  throw 'pid' in wanted
    ? new HanglabError('no-such-process', `There is no process ${wanted.pid} on this machine.`)
    : new HanglabError(
        'nobody-listens',
        `no process of this machine listens on port ${wanted.port}, or hanglab may not see whose port it is`,
      );
}
