/** Gathers facts: first from outside, then each look inside that a rule asks for. All the I/O of a diagnosis is below here. */
import { setTimeout as sleep } from 'node:timers/promises';
import { identify, isStill, type ProcessIdentity } from '../../platform/procfs/identity.ts';
import {
  type Asked,
  FACTS_SCHEMA,
  type Facts,
  type Look,
  type ProcessFacts,
} from '../facts/facts.ts';
import { probeHealth } from '../outside/health-probe.ts';
import { observe } from '../outside/observe.ts';
import { runtimeOf } from '../runtime.ts';
import { readGoroutines } from '../runtimes/go/goroutines.ts';
import { readJavaThreads } from '../runtimes/jvm/threads.ts';
import { readPythonThreads } from '../runtimes/python/threads.ts';
import { nativeStack } from '../stack/native-stack.ts';
import { freeze } from './freeze.ts';
import type { GatherOptions } from './gather-options.ts';
import { nodeLooks } from './node-looks.ts';
import { pythonLooks } from './python-looks.ts';

/** Two and a half seconds: long enough for a collection or a burst of requests to pass. */
export const WINDOW_MS = 2500;
/** A run knows what is stuck, and that it may not last: less is watched from outside. */
const HINTED_WINDOW_MS = 400;
/** Health was in order all the run: a server with much to do answers later than within the short window. */
const HEALTHY_LATE_MS = 2000;
/** From SIGKILL to the end of a process on a busy machine. */
const GONE_POLL_MS = 50;
const GONE_POLLS = 10;

export interface Gatherer extends AsyncDisposable {
  /** The facts as far as they have been gathered. */
  readonly facts: Facts;
  /** Takes a look inside one of the processes; what it saw, or why there is none, is among the facts then. */
  take(pid: number, look: Look): Promise<void>;
}

/** Watches from outside; disposing leaves the process as it was found. */
export async function gather(options: GatherOptions): Promise<Gatherer> {
  const { pid, healthUrl, hints, signal, onStep = () => undefined } = options;
  const begin = performance.now();
  const identity = identify(pid);
  const windowMs = options.windowMs ?? (hints ? HINTED_WINDOW_MS : WINDOW_MS);
  onStep(`watching process ${pid} from outside`);
  const runtime = identity ? runtimeOf(pid) : 'other';
  const { outside, health } = await fromOutside(options, windowMs);
  const asked: Asked = {
    pid,
    healthUrl: healthUrl ?? null,
    requestLimitMs: options.requestLimitMs ?? null,
    isRun: hints !== undefined,
  };
  let process: ProcessFacts = { pid, runtime, outside, frozenMs: 0 };
  const known = structuredClone(hints ?? {});
  const node = nodeLooks(options);
  const python = pythonLooks(options);

  const lookAt = async (look: Look): Promise<Partial<ProcessFacts>> => {
    switch (look.kind) {
      case 'native': {
        const { look: one, missing, frozenMs } = await nativeStack(pid, signal);
        const looks = [...(process.native?.looks ?? []), ...(one ? [one] : [])];
        return { native: { looks, missing }, frozenMs };
      }
      case 'javascript':
        return node.javascript();
      case 'awaits':
        return node.awaits(look);
      case 'locals':
        return node.further(process, look);
      case 'python-tasks':
        return python.tasks(process);
      case 'python-threads': {
        const { frozenMs, ...pythonThreads } = await readPythonThreads(pid, signal);
        return { pythonThreads, frozenMs };
      }
      case 'goroutines': {
        const { frozenMs, ...goroutines } = await readGoroutines(pid, signal);
        return { goroutines, frozenMs };
      }
      case 'java-threads': {
        const { frozenMs, ...javaThreads } = await readJavaThreads(pid, signal);
        return { javaThreads, frozenMs };
      }
    }
  };
  return {
    get facts() {
      return freeze({
        schema: FACTS_SCHEMA,
        asked,
        hints: known,
        health,
        processes: [process],
        totalMs: performance.now() - begin,
      });
    },
    async take(_pid, look) {
      onStep(STEPS[look.kind]);
      const { frozenMs = 0, ...seen } = await lookAt(look);
      signal?.throwIfAborted();
      // A connection that closed is the first sign of a process that ends.
      if (seen.awaits && seen.awaits.refused !== null) await untilGone(identity);
      process = {
        ...stillThere(process, identity),
        ...seen,
        frozenMs: process.frozenMs + frozenMs,
      };
    },
    [Symbol.asyncDispose]: () => node[Symbol.asyncDispose](),
  };
}

async function fromOutside(
  { pid, healthUrl, port, hints, signal }: GatherOptions,
  windowMs: number,
): Promise<Pick<Facts, 'health'> & Pick<ProcessFacts, 'outside'>> {
  const wasHealthy = hints !== undefined && hints.healthFailed !== true;
  const lateMs = wasHealthy ? HEALTHY_LATE_MS : undefined;
  await using probe = healthUrl ? probeHealth(healthUrl, windowMs, lateMs) : null;
  const accept = port === undefined ? {} : { port };
  const outside = await observe(pid, {
    windowMs,
    accept: healthUrl ? null : accept,
    ...(signal && { signal }),
  });
  const health = probe && outside ? await probe.seen(signal) : null;
  return { outside, health };
}

/** Resolves when it has ended, or after a moment. */
async function untilGone(identity: ProcessIdentity | null): Promise<void> {
  for (let polls = 0; polls < GONE_POLLS && identity && isStill(identity); polls++) {
    await sleep(GONE_POLL_MS);
  }
}

/** What has ended while it was looked at is no refusal to be looked at. */
function stillThere(process: ProcessFacts, identity: ProcessIdentity | null): ProcessFacts {
  if (!identity || !process.outside || isStill(identity)) return process;
  return { ...process, outside: { ...process.outside, alive: false } };
}

const STEPS: Record<Look['kind'], string> = {
  native: 'taking its native stack',
  javascript: 'pausing its JavaScript to see where it is',
  awaits: 'taking a heap snapshot of its suspended functions, and looking again 2 s later',
  locals: 'reading the variables of the first places',
  'python-tasks': 'asking for its asyncio tasks',
  'python-threads': 'taking the stacks of its Python threads',
  goroutines: 'taking the stacks of its goroutines',
  'java-threads': 'taking the stacks of its Java threads',
};
