/**
 * The connections that a Node process has open, from its own list of handles: no walk over the heap.
 * Only fields and Node's own getters are read; nothing of the program runs.
 */

import type { HeapGraph } from '../heap/snapshot.ts';
import { heapIdOf } from '../inspector/live-instances.ts';
import { elementsOf, OBJECT_GROUP } from '../inspector/remote-objects.ts';
import type { Inspector } from '../inspector/session.ts';

export interface Connection {
  /** The socket in the snapshot. */
  socket: number;
  /** The response that it carries, or the request of a client; -1 when there is none now. */
  message: number;
  localPort: number;
  remoteAddress: string;
  remotePort: number;
}

type Ends = Omit<Connection, 'socket' | 'message'>;

/** Beyond this, more of the same would say nothing new. */
const MAX_CONNECTIONS = 500;

export async function connectionsOf(inspector: Inspector, graph: HeapGraph): Promise<Connection[]> {
  const { result: handles } = await inspector.send('Runtime.evaluate', {
    expression: SOCKETS,
    objectGroup: OBJECT_GROUP,
    silent: true,
  });
  if (!handles.objectId) return [];
  const { result: ends } = await inspector.send('Runtime.callFunctionOn', {
    objectId: handles.objectId,
    functionDeclaration: READ_ENDS,
    returnByValue: true,
    silent: true,
  });
  const sockets = await nodesIn(inspector, graph, handles.objectId);
  return (ends.value ?? []).map((end: Ends, i: number) => {
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
  const elements = await elementsOf(inspector, arrayId);
  return Promise.all(
    elements.map(async (objectId) =>
      objectId ? graph.nodeOf(await heapIdOf(inspector, objectId)) : -1,
    ),
  );
}
