/** Runs a tracer (a debugger, a stack printer) at a process, and sees to it that the process goes on afterwards. */
import { setTimeout as sleep } from 'node:timers/promises';
import { identify, type ProcessIdentity, signalProcess } from '../../platform/procfs/identity.ts';
import { readStat } from '../../platform/procfs/process.ts';
import { readStatus } from '../../platform/procfs/status.ts';
import { runTool, type ToolAnswer, type ToolOptions } from '../../platform/run-tool.ts';

const WATCHED_MS = 500;
const POLL_MS = 20;

/**
 * What gdb is told before it attaches: to run nothing that lies beside the program it looks at, to fetch
 * nothing from anywhere, and to ask nothing.
 */
export const GDB_QUIETLY = [
  '-nx',
  '-batch',
  '-iex',
  'set auto-load off',
  '-iex',
  'set debuginfod enabled off',
];

export async function traceProcess(
  pid: number,
  command: string,
  args: readonly string[],
  options: ToolOptions = {},
): Promise<ToolAnswer & { frozenMs: number }> {
  const identity = identify(pid);
  const wasStopped = readStat(pid)?.state === 'T';
  const begin = performance.now();
  const answer = await runTool(command, args, options);
  if (answer.wasEnded && identity && !wasStopped) await letRun(identity);
  return { ...answer, frozenMs: performance.now() - begin };
}

/**
 * A tracer that is killed gives its process back, unless it was killed between asking it to stop and seeing it
 * stopped: then the stop comes when nobody is left to end it.
 */
async function letRun(identity: ProcessIdentity): Promise<void> {
  const { pid } = identity;
  for (let waitedMs = 0; waitedMs < WATCHED_MS; waitedMs += POLL_MS) {
    if (readStat(pid)?.state === 'T' && readStatus(pid)?.tracer === 0) {
      signalProcess(identity, 'SIGCONT');
    }
    await sleep(POLL_MS);
  }
}
