/** Whether a process can be asked through Node's inspector, found out before anything is done to it. */
import { constants } from 'node:os';
import { readStatus, sharesNamespace } from '../../platform/procfs/status.ts';
import { executableOf, isNode } from '../runtime.ts';

/** Why not, as the end of a sentence; `null` when it can be. */
export function inspectorRefusal(pid: number): string | null {
  const executable = executableOf(pid);
  const status = readStatus(pid);
  if (executable === null || status === null) return `process ${pid} has ended`;
  if (!isNode(executable)) return `process ${pid} is ${executable}, not Node`;
  // The signal ends a process that does not catch it.
  if (!status.catches(constants.signals.SIGUSR1)) {
    return `process ${pid} does not catch SIGUSR1, which would end it (started with --disable-sigusr1?)`;
  }
  if (!sharesNamespace(pid, 'net')) {
    return (
      `process ${pid} is in another network namespace (a container?): its inspector would listen there, and the ` +
      `same port here is somebody else's. Run hanglab there: sudo nsenter --net --target ${pid} hanglab diagnose --pid ${pid}`
    );
  }
  return null;
}
