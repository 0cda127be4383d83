/** Which promises are still pending a while after the snapshot that named them. */
import type { HeapGraph } from '../heap/snapshot.ts';
import { instancesOf } from '../inspector/live-instances.ts';
import { isPending, retainObject } from '../inspector/remote-objects.ts';
import type { Inspector } from '../inspector/session.ts';

/** With more promises than this, only those of the functions that are asked are watched. */
const MAX_PROMISES = 4000;
const RETAINING_MS = 2500;

/** Handles of the promises that some function awaits, by their node. */
export async function awaitedPromises(
  inspector: Inspector,
  graph: HeapGraph,
  awaited: ReadonlySet<number>,
): Promise<Map<number, string>> {
  const all = await instancesOf(inspector, {
    prototype: 'Promise.prototype',
    filter: '(all) => all',
    limit: MAX_PROMISES,
  });
  if (all) {
    const known = all.map(({ heapId, objectId }) => [graph.nodeOf(heapId), objectId] as const);
    return new Map(known.filter(([node]) => awaited.has(node)));
  }
  const retained = new Map<number, string>();
  const deadline = performance.now() + RETAINING_MS;
  for (const node of awaited) {
    if (performance.now() > deadline) break;
    const objectId = node < 0 ? null : await retainObject(inspector, graph.idOf(node));
    if (objectId) retained.set(node, objectId);
  }
  return retained;
}

export async function stillPending(
  inspector: Inspector,
  promises: ReadonlyMap<number, string>,
): Promise<Set<number>> {
  const answers = await Promise.all(
    [...promises].map(async ([node, objectId]) =>
      (await isPending(inspector, objectId)) ? node : -1,
    ),
  );
  return new Set(answers.filter((node) => node >= 0));
}
