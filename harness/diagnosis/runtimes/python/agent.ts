/** Asks hanglab's own agent in a Python target that hanglab started: a signal, and its answer is a file. */
import { readFile, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { monotonicMs } from '../../../platform/clock.ts';
import { readText } from '../../../platform/procfs/files.ts';
import type { TaskDump } from './task-dump.ts';

/** SIGRTMIN + 10 with glibc: nobody else's, as far as is known. */
const AGENT_SIGNAL = 44;
const AGENT_MS = 5000;
const POLL_MS = 25;

/** What a Python target is to be started with, so that its tasks can be asked for later. */
export function pythonAgentEnvironment(
  tasksFile: string,
  pythonPath = process.env.PYTHONPATH,
): { PYTHONPATH: string; HANGLAB_TASKS: string } {
  const folder = fileURLToPath(new URL('agent', import.meta.url));
  return { PYTHONPATH: pythonPath ? `${folder}:${pythonPath}` : folder, HANGLAB_TASKS: tasksFile };
}

/** @returns null when the agent is not in the process, or did not answer in time. */
export async function askAgent(pid: number, signal?: AbortSignal): Promise<TaskDump | null> {
  const file = /(?:^|\0)HANGLAB_TASKS=([^\0]+)/.exec(readText(`/proc/${pid}/environ`) ?? '')?.[1];
  const caught = /^SigCgt:\s*([0-9a-f]+)/m.exec(readText(`/proc/${pid}/status`) ?? '')?.[1] ?? '0';
  // A real-time signal that nobody catches ends the process, as any other does.
  const isCaught = (BigInt(`0x${caught}`) & (1n << BigInt(AGENT_SIGNAL - 1))) !== 0n;
  if (!file || !isCaught) return null;
  await rm(file, { force: true });
  process.kill(pid, AGENT_SIGNAL);
  try {
    return await answerIn(file, AGENT_MS, signal);
  } finally {
    await rm(file, { force: true });
  }
}

/**
 * Waits for the file, which comes whole (it is renamed into place).
 * @param meanwhile done before each look.
 * @returns null when it has not come within `limitMs`.
 */
export async function answerIn(
  file: string,
  limitMs: number,
  signal?: AbortSignal,
  meanwhile?: () => void,
): Promise<TaskDump | null> {
  const deadline = monotonicMs() + limitMs;
  while (monotonicMs() < deadline) {
    meanwhile?.();
    try {
      return JSON.parse(await readFile(file, 'utf8')) as TaskDump;
    } catch {
      await sleep(POLL_MS, undefined, { signal });
    }
  }
  return null;
}
