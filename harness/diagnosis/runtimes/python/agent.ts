/** Asks hanglab's own agent in a Python target that hanglab started: a signal, and its answer is a file. */
import { lstat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { monotonicMs } from '../../../platform/clock.ts';
import { readText } from '../../../platform/procfs/files.ts';
import { identify, signalProcess } from '../../../platform/procfs/identity.ts';
import { readStatus } from '../../../platform/procfs/status.ts';
import { safeRead } from '../../../platform/safe-read.ts';
import type { TaskLook } from '../../facts/runtime-facts.ts';
import { parseTaskDump } from './task-dump.ts';

/** A real-time signal, the tenth after the first with glibc: nobody else's, as far as is known. The agent has it too. */
const AGENT_SIGNAL = 44;
const AGENT_MS = 5000;
const POLL_MS = 25;
/** 2000 tasks with long chains take some 5 MB. */
export const MAX_ANSWER_BYTES = 32e6;

/**
 * What a Python target is to be started with, so that its tasks can be asked for later.
 * @param folder for its answers: of hanglab's own user and closed to all others (0700), made for this target, and
 * given to `diagnose` as `agentFolder`.
 */
export function pythonAgentEnvironment(
  folder: string,
  pythonPath = process.env.PYTHONPATH,
): { PYTHONPATH: string; HANGLAB_TASKS: string } {
  const agent = fileURLToPath(new URL('agent', import.meta.url));
  return { PYTHONPATH: pythonPath ? `${agent}:${pythonPath}` : agent, HANGLAB_TASKS: folder };
}

/**
 * The target's environment is the target's to write, so it only confirms the folder that hanglab has handed
 * out: no path from there is ever read, written or removed.
 * @returns null when the agent is not in the process, or did not answer in time.
 */
export async function askAgent(
  pid: number,
  folder: string | undefined,
  signal?: AbortSignal,
): Promise<TaskLook | null> {
  const identity = identify(pid);
  const status = readStatus(pid);
  const given = /(?:^|\0)HANGLAB_TASKS=([^\0]+)/.exec(readText(`/proc/${pid}/environ`) ?? '')?.[1];
  if (!folder || !identity || !status || given !== folder || !(await isOurs(folder))) return null;
  // A real-time signal that nobody catches ends the process, as any other does.
  if (!status.catches(AGENT_SIGNAL)) return null;
  const file = join(folder, `${status.pids.at(-1) ?? pid}.json`);
  const remove = () => unlink(file).catch(() => undefined);
  await remove();
  if (!signalProcess(identity, AGENT_SIGNAL)) return null;
  try {
    const own = { maxBytes: MAX_ANSWER_BYTES, uid: process.geteuid?.() ?? 0, noLinks: true };
    return await answered(() => safeRead(file, own), AGENT_MS, signal);
  } finally {
    await remove();
  }
}

/**
 * Waits for an answer, which comes whole (its file is renamed into place).
 * @param meanwhile done before each look.
 * @returns null when none has come within `limitMs`.
 */
export async function answered(
  read: () => Promise<string | null>,
  limitMs: number,
  signal?: AbortSignal,
  meanwhile?: () => void,
): Promise<TaskLook | null> {
  const deadline = monotonicMs() + limitMs;
  while (monotonicMs() < deadline) {
    meanwhile?.();
    const text = await read();
    const dump = text === null ? null : parseTaskDump(text);
    if (dump) return dump;
    await sleep(POLL_MS, undefined, { signal });
  }
  return null;
}

async function isOurs(folder: string): Promise<boolean> {
  const stat = await lstat(folder).catch(() => null);
  return (
    stat?.isDirectory() === true && stat.uid === process.geteuid?.() && (stat.mode & 0o077) === 0
  );
}
