/** Asks a Python process for its asyncio tasks: through hanglab's agent in it, or by gdb where that is allowed. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessFacts } from '../facts/facts.ts';
import { askAgent } from '../runtimes/python/agent.ts';
import { askByInjection } from '../runtimes/python/inject.ts';
import type { GatherOptions } from './gather-options.ts';

/** Between two looks: longer than a turn with a lock should take. */
const APART_MS = 1500;

export function pythonLooks({ pid, inject, agentFolder, betweenLooksMs, signal }: GatherOptions) {
  return {
    async tasks({ pythonTasks: before }: ProcessFacts): Promise<Partial<ProcessFacts>> {
      if (before) await sleep(betweenLooksMs ?? APART_MS, undefined, { signal });
      const looks = before?.looks ?? [];
      const silent = { error: 'it did not answer a second time' };
      const byAgent = before?.by === 'gdb' ? null : await askAgent(pid, agentFolder, signal);
      if (byAgent || before?.by === 'agent') {
        return { pythonTasks: { by: 'agent', because: '', looks: [...looks, byAgent ?? silent] } };
      }
      if (!inject) return { pythonTasks: { by: null, because: '', looks } };
      const { look, because, frozenMs } = await askByInjection(pid, signal);
      if (!look && !before) return { pythonTasks: { by: null, because, looks }, frozenMs };
      return {
        pythonTasks: { by: 'gdb', because: '', looks: [...looks, look ?? silent] },
        frozenMs,
      };
    },
  };
}
