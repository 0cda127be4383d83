/**
 * The connections that a Node process has open, from its own list of handles: no walk over the heap.
 * Only fields and Node's own getters are read; nothing of the program runs.
 */
import { OBJECT_GROUP } from './frames.ts';
import type { Inspector, Reply } from './inspector.ts';
import type { HeapGraph } from './snapshot.ts';

export interface Connection {
  /** The socket in the snapshot. */
  socket: number;
  /** The response that it carries, or the request of a client; -1 when there is none now. */
  message: number;
  localPort: number;
  remoteAddress: string;
  remotePort: number;
}

/** Beyond this, more of the same would say nothing new. */
const MAX_CONNECTIONS = 500;

/** Sockets taken hold of, with their two ends; where they are in the snapshot is asked after it. */
export interface HeldSockets {
  objectId: string | null;
  ends: Omit<Connection, 'socket' | 'message'>[];
}

/**
 * To be called before the snapshot: what has stood still for long may time out as soon as the process
 * goes on after it, and its connection with it.
 */
export async function holdSockets(inspector: Inspector): Promise<HeldSockets> {
  const { result: sockets } = await inspector.send('Runtime.evaluate', {
    expression: SOCKETS,
    objectGroup: OBJECT_GROUP,
    silent: true,
  });
  if (!sockets.objectId) return { objectId: null, ends: [] };
  const { result: ends } = await inspector.send('Runtime.callFunctionOn', {
    objectId: sockets.objectId,
    functionDeclaration: READ_ENDS,
    returnByValue: true,
    silent: true,
  });
  return { objectId: sockets.objectId, ends: ends.value ?? [] };
}

export async function connectionsOf(
  inspector: Inspector,
  graph: HeapGraph,
  { objectId, ends }: HeldSockets,
): Promise<Connection[]> {
  const sockets = objectId === null ? [] : await nodesIn(inspector, graph, objectId);
  return ends.map((end, i) => {
    const socket = sockets[i] ?? -1;
    return { socket, message: socket < 0 ? -1 : graph.follow(socket, '_httpMessage'), ...end };
  });
}

const SOCKETS = `(globalThis.process?._getActiveHandles?.() ?? [])
  .filter((handle) => handle && handle.remotePort)
  .slice(0, ${MAX_CONNECTIONS})`;
const READ_ENDS = `function () {
  return this.map(({ localPort, remoteAddress, remotePort }) => ({ localPort, remoteAddress, remotePort }));
}`;

/** The nodes of an array's elements, in order; -1 for what is no object or is younger than the snapshot. */
async function nodesIn(inspector: Inspector, graph: HeapGraph, arrayId: string): Promise<number[]> {
  const { result: elements } = await inspector.send('Runtime.getProperties', {
    objectId: arrayId,
    ownProperties: true,
  });
  const values = elements.filter(({ name }: Reply) => /^\d+$/.test(name));
  return Promise.all(
    values.map(async ({ value }: Reply) => {
      if (!value?.objectId) return -1;
      const { heapSnapshotObjectId } = await inspector.send('HeapProfiler.getHeapObjectId', {
        objectId: value.objectId,
      });
      return graph.nodeOf(Number(heapSnapshotObjectId));
    }),
  );
}
