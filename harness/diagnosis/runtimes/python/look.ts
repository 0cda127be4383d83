/**
 * Python: asyncio tasks with their chains of awaits, from hanglab's agent in targets that it started, or
 * asked by gdb in any other when that is allowed; threads through py-spy.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Looked } from '../../inside-view.ts';
import type { OutsideView } from '../../outside/outside-view.ts';
import { askAgent } from './agent.ts';
import { askByInjection, type Injected } from './inject.ts';
import type { TaskDump } from './task-dump.ts';
import { judgeTasks } from './task-verdict.ts';
import { judgeThreads, pythonThreads } from './threads.ts';

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
    return { ...judgeThreads(pid, threads, view.code), frozenMs };
  }
  const agent = async (): Promise<Injected> => ({
    dump: await askAgent(pid, signal),
    because: '',
    frozenMs: 0,
  });
  const first = await agent();
  if (first.dump) return tasksTold(first, agent, signal);
  const byGdb = () => askByInjection(pid, signal);
  const injected = inject ? await byGdb() : null;
  if (injected?.dump) return tasksTold(injected, byGdb, signal);
  return undecided(pid, injected, signal);
}

async function tasksTold(
  { dump, frozenMs }: Injected,
  ask: () => Promise<Injected>,
  signal: AbortSignal | undefined,
): Promise<Looked> {
  if (!dump || 'error' in dump) return notTold(dump, frozenMs);
  const judged = judgeTasks(dump);
  // A circle stays a circle, and what is undecided stays so; others may only be taking turns.
  if (judged.code === undefined || judged.code === 'deadlock') return { ...judged, frozenMs };
  await sleep(BETWEEN_LOOKS_MS, undefined, { signal });
  const again = await ask();
  const bothMs = frozenMs + again.frozenMs;
  if (!again.dump || 'error' in again.dump) return notTold(again.dump, bothMs);
  return { ...judgeTasks(again.dump, dump), frozenMs: bothMs };
}

function notTold(dump: TaskDump | null, frozenMs: number): Looked {
  const why = dump && 'error' in dump ? dump.error : 'it did not answer a second time';
  const evidence = [`its asyncio tasks could not be told: ${why}`];
  return { isDecided: false, sentence: UNSEEN, evidence, frozenMs };
}

/** Longer than a turn with a lock should take. */
const BETWEEN_LOOKS_MS = 1500;

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
      ...(threads.length === 0 ? [because] : judgeThreads(pid, threads, 'live').evidence),
    ],
    frozenMs: frozenMs + (injected?.frozenMs ?? 0),
  };
}
