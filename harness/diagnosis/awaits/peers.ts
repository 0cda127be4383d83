/** Who is at the other end of a socket, or of a request that still waits for a connection. */

import type { Peer } from '../facts/await-facts.ts';
import type { HeapGraph } from '../heap/snapshot.ts';
import { callOnObject } from '../inspector/remote-objects.ts';
import type { Inspector } from '../inspector/session.ts';
import type { Connection } from './connections.ts';

/**
 * The other end of a socket, or of a request's or response's socket; of a client's request that waits
 * in its agent's queue, the other end of those that are served before it. Null when there is none.
 * Nothing of the program runs: only fields and Node's own getters are read.
 */
export async function peerOf(
  inspector: Inspector,
  graph: HeapGraph,
  connections: readonly Connection[],
  node: number,
): Promise<Peer | null> {
  const own = connections.find(({ socket, message }) => socket === node || message === node);
  if (!own) return (await callOnObject(inspector, graph.idOf(node), READ_PEER)) as Peer | null;
  const { localPort, remoteAddress, remotePort } = own;
  return { localPort, remoteAddress, remotePort, queuedBehind: null };
}

const READ_PEER = `function () {
  let socket = this.socket === undefined ? this : this.socket;
  let queuedBehind = null;
  if (!socket && this.agent && this.agent.requests) {
    const queue = Object.keys(this.agent.requests).find((name) => this.agent.requests[name].includes(this));
    const busy = this.agent.sockets[queue] || [];
    queuedBehind = busy.length;
    socket = busy[0];
  }
  if (!socket || !socket.remotePort) return null;
  const { localPort, remoteAddress, remotePort } = socket;
  return { localPort, remoteAddress, remotePort, queuedBehind };
}`;
