/**
 * Living objects of one class, each with its id in the snapshot. One walk over the heap finds them
 * all; asking for an object by its snapshot id walks the heap for each (30 ms at 95,000 objects).
 */
import { elementsOf, OBJECT_GROUP } from './remote-objects.ts';
import type { Inspector } from './session.ts';

export interface Instance {
  objectId: string;
  heapId: number;
}

const QUERY_MS = 30_000;

/**
 * @param prototype an expression for the class's prototype.
 * @param filter source of a function that is given the array of all, and returns those to keep.
 * @returns null when there are more than `limit`: naming each would take too long.
 */
export async function instancesOf(
  inspector: Inspector,
  { prototype, filter, limit }: { prototype: string; filter: string; limit: number },
): Promise<Instance[] | null> {
  const { result: found } = await inspector.send('Runtime.evaluate', {
    expression: prototype,
    includeCommandLineAPI: true,
    silent: true,
    objectGroup: OBJECT_GROUP,
  });
  if (!found.objectId) return [];
  const { objects } = await inspector.send(
    'Runtime.queryObjects',
    { prototypeObjectId: found.objectId, objectGroup: OBJECT_GROUP },
    QUERY_MS,
  );
  if (!objects.objectId) return [];
  const { result: kept } = await inspector.send('Runtime.callFunctionOn', {
    objectId: objects.objectId,
    functionDeclaration: `function () { return (${filter})(this); }`,
    silent: true,
    objectGroup: OBJECT_GROUP,
  });
  if (kept.subtype !== 'array' || !kept.objectId || lengthOf(kept.description) > limit) return null;
  const elements = await elementsOf(inspector, kept.objectId, QUERY_MS);
  return Promise.all(
    elements
      .filter((objectId) => objectId !== null)
      .map(async (objectId) => ({ objectId, heapId: await heapIdOf(inspector, objectId) })),
  );
}

/** The id by which a heap snapshot names the object. */
export async function heapIdOf(inspector: Inspector, objectId: string): Promise<number> {
  const { heapSnapshotObjectId } = await inspector.send(
    'HeapProfiler.getHeapObjectId',
    { objectId },
    QUERY_MS,
  );
  return Number(heapSnapshotObjectId);
}

/** `Array(12)`: the protocol gives an array's length in its description only. */
function lengthOf(description = ''): number {
  return Number(/\((\d+)\)/.exec(description)?.[1] ?? 0);
}
