/** How many asyncio tasks a Python process has, as hanglab's agent in it tells. */

import type { Frame } from '../../diagnosis/index.ts';
import { askAgent } from '../../diagnosis/runtimes/python/agent.ts';
import { EMPTY, joined, type Reading, tally } from './reading.ts';

export interface PythonReader {
  read(pids: readonly number[], signal: AbortSignal): Promise<Reading>;
}

/** @param agentFolder where the agent answers; null where hanglab did not start the target. */
export function pythonReader(agentFolder: string | null): PythonReader {
  /** Without the agent, or with one that does not answer: not asked again. */
  const silent = new Set<number>();
  const readOne = async (pid: number, signal: AbortSignal): Promise<Reading> => {
    if (agentFolder === null || silent.has(pid)) return EMPTY;
    const dump = await askAgent(pid, agentFolder, signal);
    if (dump === null || 'error' in dump) {
      silent.add(pid);
      return EMPTY;
    }
    return {
      values: { tasks: dump.count },
      parts: { tasks: tally(dump.tasks.map(({ frames }) => placeOf(frames[0]))) },
    };
  };
  return {
    async read(pids, signal) {
      const readings = [];
      for (const pid of pids) readings.push(await readOne(pid, signal));
      return joined(readings);
    },
  };
}

/** The coroutine that the task runs. */
function placeOf(frame: Frame | undefined): string {
  return frame ? `${frame.function} (${frame.file}:${frame.line})` : 'not begun';
}
