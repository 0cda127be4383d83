/**
 * Python: asyncio tasks with their chains of awaits, from hanglab's agent in targets that it started, or
 * asked by gdb in any other when that is allowed; threads through py-spy.
 */
import type { Looked } from './looked.ts';
import type { OutsideView } from './outside.ts';
import { askAgent } from './pythonagent.ts';
import { askByInjection, type Injected } from './pythoninject.ts';
import { judgeThreads, pythonThreads } from './pythonthreads.ts';
import type { TaskDump } from './taskdump.ts';
import { judgeTasks } from './tasksof.ts';

export interface PythonLook {
  /** gdb may leave a request in the process, which it carries out itself. */
  inject?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

export async function lookAtPython(
  pid: number,
  view: OutsideView,
  { inject = false, signal }: PythonLook = {},
): Promise<Looked> {
  if (view.look !== 'awaits') {
    const { threads, because, frozenMs } = await pythonThreads(pid, signal);
    if (threads.length === 0) return { evidence: [because], frozenMs };
    return { ...judgeThreads(pid, threads, view.code !== 'blocked-in-sync-call'), frozenMs };
  }
  const agent = await askAgent(pid, signal);
  if (agent) return tasksOrWhy(agent, 0);
  const injected = inject ? await askByInjection(pid, signal) : null;
  if (injected?.dump) return tasksOrWhy(injected.dump, injected.frozenMs);
  return undecided(pid, injected, signal);
}

function tasksOrWhy(dump: TaskDump, frozenMs: number): Looked {
  if ('error' in dump) {
    const evidence = [`its asyncio tasks could not be told: ${dump.error}`];
    return { isDecided: false, sentence: UNSEEN, evidence, frozenMs };
  }
  return { ...judgeTasks(dump), frozenMs };
}

const UNSEEN = 'Its event loop turns; which of its asyncio tasks stand still could not be seen.';

/** Threads do not show what asyncio tasks wait for, but they are better than nothing. */
async function undecided(
  pid: number,
  injected: Injected | null,
  signal: AbortSignal | undefined,
): Promise<Looked> {
  const would =
    'its asyncio tasks could not be asked: hanglab’s agent is not in it (it is in targets that hanglab starts); `hanglab diagnose --inject` would decide, by gdb';
  const could = `its asyncio tasks could not be asked: ${injected?.because}`;
  const { threads, because, frozenMs } = await pythonThreads(pid, signal);
  return {
    isDecided: false,
    sentence: `${UNSEEN}${injected ? '' : ' `--inject` would tell.'}`,
    evidence: [
      injected ? could : would,
      ...(threads.length === 0 ? [because] : judgeThreads(pid, threads, false).evidence),
    ],
    frozenMs: frozenMs + (injected?.frozenMs ?? 0),
  };
}
