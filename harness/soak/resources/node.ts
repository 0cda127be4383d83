/**
 * What a Node process tells of itself through its inspector, after a collection: its heap, its buffers, and
 * what keeps its loop alive. Only of a process that hanglab started. One connection is held for the whole
 * soak: to open and close it each round would leave something behind each round.
 */
import { inspectorRefusal } from '../../diagnosis/inspector/eligibility.ts';
import { type Inspector, openInspector } from '../../diagnosis/inspector/session.ts';
import { EMPTY, joined, type Reading } from './reading.ts';

/** A large heap takes seconds to collect. */
const COLLECT_MS = 60_000;
const ASK_MS = 10_000;

/** Runs in the target: numbers only, as text. */
const EXPRESSION = `(() => {
  const { heapUsed, external } = process.memoryUsage();
  const active = {};
  for (const name of process.getActiveResourcesInfo?.() ?? []) active[name] = (active[name] ?? 0) + 1;
  return JSON.stringify({ heapUsed, external, active });
})()`;

export interface NodeReader extends AsyncDisposable {
  /** Of those of `pids` that are Node. */
  read(pids: readonly number[], signal: AbortSignal): Promise<Reading>;
  /** The connection to one of them, for a heap snapshot. */
  inspector(pid: number): Inspector | null;
}

export function nodeReader(onTrouble: (text: string) => void): NodeReader {
  const sessions = new Map<number, Inspector>();
  const refused = new Set<number>();
  const sessionOf = async (pid: number, signal: AbortSignal): Promise<Inspector | null> => {
    const known = sessions.get(pid);
    if (known) return known;
    if (refused.has(pid) || inspectorRefusal(pid) !== null) return null;
    const session = await openInspector(pid, { signal });
    sessions.set(pid, session);
    return session;
  };
  return {
    inspector: (pid) => sessions.get(pid) ?? null,
    async read(pids, signal) {
      const readings = [];
      for (const pid of pids) {
        try {
          const session = await sessionOf(pid, signal);
          readings.push(session ? await readOne(session) : EMPTY);
        } catch (error) {
          signal.throwIfAborted();
          // Once it could not be read, its values would come and go.
          refused.add(pid);
          sessions.delete(pid);
          onTrouble(`the heap of process ${pid} is not read: ${(error as Error).message}`);
        }
      }
      return joined(readings);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...sessions.values()].map((session) => session[Symbol.asyncDispose]()));
      sessions.clear();
    },
  };
}

async function readOne(inspector: Inspector): Promise<Reading> {
  // Finalizers run after the first collection, and free more for the second.
  for (let i = 0; i < 2; i++)
    await inspector.send('HeapProfiler.collectGarbage', undefined, COLLECT_MS);
  const { result } = await inspector.send(
    'Runtime.evaluate',
    { expression: EXPRESSION, returnByValue: true, silent: true },
    ASK_MS,
  );
  const { heapUsed, external, active } = JSON.parse(String(result.value)) as {
    heapUsed: number;
    external: number;
    active: Record<string, number>;
  };
  const count = Object.values(active).reduce((sum, each) => sum + each, 0);
  return {
    values: { heap: heapUsed, buffers: external, 'active resources': count },
    parts: { 'active resources': active },
  };
}
