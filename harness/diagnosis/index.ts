/** Names the reason of a hang from outside the process: the whole of a diagnosis, step by step. */
import { performance } from 'node:perf_hooks';
import { HanglabError } from '../platform/errors.ts';
import { readLight } from '../platform/procfs/process.ts';
import { lookAtAwaits } from './awaits/look.ts';
import type { Diagnosis, RunHints } from './diagnosis.ts';
import type { Looked } from './inside-view.ts';
import { type Observation, observe, WINDOW_MS } from './outside/observe.ts';
import { type OutsideView, viewFromOutside } from './outside/outside-view.ts';
import { evidenceOfRun } from './run-hints.ts';
import { runtimeOf } from './runtime.ts';
import { lookAtGoroutines } from './runtimes/go/goroutines.ts';
import { lookAtJavaThreads } from './runtimes/jvm/threads.ts';
import { lookAtPython } from './runtimes/python/look.ts';
import { lookAtStack } from './stack/look.ts';
import { plainSentence } from './wording/code-sentences.ts';

export { DIAGNOSIS_CODES, type DiagnosisCode } from './codes.ts';
export type { Diagnosis, Frame, Holder, RunHints, Where } from './diagnosis.ts';
export { pythonAgentEnvironment } from './runtimes/python/agent.ts';

/** A run knows what stands still, and that it may not do so for long: less is watched from outside. */
const HINTED_WINDOW_MS = 400;

export interface DiagnoseOptions {
  pid: number;
  /** Asked three times; without it the event loop is judged by whether it accepts a connection. */
  healthUrl?: string;
  port?: number;
  /** Look into a heap of more than 150 MB too, which freezes the process for seconds. */
  heap?: boolean;
  /** Have a Python process tell its asyncio tasks, by gdb, when hanglab's agent is not in it. */
  inject?: boolean;
  signal?: AbortSignal;
  hints?: RunHints;
}

/**
 * Watches the process for 2.5 s (0.4 s with hints), looks inside it if the outside does not decide, and names the hang.
 * It leaves the process as it found it. Bounded: some ten seconds, more only for a large heap.
 * @throws HanglabError `no-such-process`, `not-permitted`.
 */
export async function diagnose(options: DiagnoseOptions): Promise<Diagnosis> {
  const { pid, hints = {}, signal } = options;
  const begin = performance.now();
  if (!readLight(pid) && !hints.exit) {
    throw new HanglabError('no-such-process', `There is no process ${pid} on this machine.`);
  }
  const seen = await observe(pid, {
    windowMs: options.hints ? HINTED_WINDOW_MS : WINDOW_MS,
    healthUrl: options.healthUrl,
    port: options.port,
    ownEpollFd: hints.baseline?.ownEpollFd,
    signal,
  });
  const view: OutsideView = seen
    ? viewFromOutside(seen, hints, runtimeOf(pid))
    : {
        code: 'crashed',
        look: 'none',
        evidence: ['the process has gone'],
        ruledOut: [],
      };
  const looked = seen ? await lookInside(options, seen, view) : { evidence: [], frozenMs: 0 };
  const code = looked.code ?? view.code;
  return {
    schema: 'hanglab.diagnose/1',
    pid,
    code,
    sentence: looked.sentence ?? view.sentence ?? plainSentence(code),
    decided: looked.isDecided ?? true,
    where: looked.where ?? [],
    holder: looked.holder ?? null,
    evidence: [...view.evidence, ...evidenceOfRun(hints), ...looked.evidence],
    ruledOut: [...view.ruledOut, ...(looked.ruledOut ?? [])].filter((each) => each.code !== code),
    costMs: { frozen: Math.round(looked.frozenMs), total: Math.round(performance.now() - begin) },
  };
}

async function lookInside(
  { pid, healthUrl, heap, hints, inject, signal }: DiagnoseOptions,
  seen: Observation,
  view: OutsideView,
): Promise<Looked> {
  if (view.look === 'none') return { evidence: [], frozenMs: 0 };
  const runtime = runtimeOf(pid);
  if (runtime === 'python') return lookAtPython(pid, view, { inject, signal });
  if (runtime === 'go') return lookAtGoroutines(pid, signal);
  if (runtime === 'jvm') return lookAtJavaThreads(pid, signal);
  if (view.look === 'stack') return lookAtStack(pid, seen, view, signal);
  return lookAtAwaits(pid, seen, view, {
    ...(heap !== undefined && { heap }),
    ...(healthUrl !== undefined && { healthUrl }),
    ...(hints && { hints }),
    ...(signal && { signal }),
  });
}
