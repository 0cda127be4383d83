/** Which promises are still pending a while after the snapshot that named them. */
import type { HeapGraph } from '../heap/snapshot.ts';
import { instancesOf } from '../inspector/live-instances.ts';
import { isPending, retainObject } from '../inspector/remote-objects.ts';
import type { Inspector } from '../inspector/session.ts';

/** With more pending promises than this, only those of the functions that are asked are watched. */
const MAX_PROMISES = 8000;
const RETAINING_MS = 500;

/**
 * Those of `awaited` that are pending, by their nodes: one walk over the process's heap. One that has gone since has
 * been settled, or nobody can wait for it any more.
 */
export async function pendingPromises(
  inspector: Inspector,
  graph: HeapGraph,
  awaited: ReadonlySet<number>,
): Promise<Set<number>> {
  if (awaited.size === 0) return new Set();
  const all = await instancesOf(inspector, {
    prototype: 'Promise.prototype',
    filter: ONLY_PENDING,
    limit: MAX_PROMISES,
  });
  if (all) {
    const nodes = all.map(({ heapId }) => graph.nodeOf(heapId));
    return new Set(nodes.filter((node) => awaited.has(node)));
  }
  const pending = new Set<number>();
  const deadline = performance.now() + RETAINING_MS;
  for (const node of awaited) {
    if (performance.now() > deadline) break;
    const objectId = await retainObject(inspector, graph.idOf(node));
    if (objectId && (await isPending(inspector, objectId))) pending.add(node);
  }
  return pending;
}

/** Node's own words for a promise; nothing of the program runs for them. */
const ONLY_PENDING = `(all) => {
  const { inspect } = globalThis.process?.getBuiltinModule?.('util') ?? {};
  const how = { depth: 0, customInspect: false, showHidden: false, getters: false, maxArrayLength: 0 };
  return inspect ? all.filter((promise) => inspect(promise, how).includes('<pending>')) : all;
}`;
