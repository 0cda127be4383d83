/** Who is at the other end of a socket, or of a request that still waits for a connection. */
import { holdPromise } from './frames.ts';
import type { Inspector } from './inspector.ts';

export interface Peer {
  localPort: number;
  remoteAddress: string;
  remotePort: number;
  /** The request has no connection yet: all of its pool's are busy, this many. */
  queuedBehind: number | null;
}

/**
 * The other end of a socket, or of a request's or response's socket; of a client's request that waits
 * in its agent's queue, the other end of those that are served before it. Null when there is none.
 * Nothing of the program runs: only fields and Node's own getters are read.
 */
export async function peerOf(inspector: Inspector, heapId: number): Promise<Peer | null> {
  const objectId = await holdPromise(inspector, heapId);
  if (!objectId) return null;
  const { result } = await inspector.send('Runtime.callFunctionOn', {
    objectId,
    functionDeclaration: READ_PEER,
    returnByValue: true,
    silent: true,
  });
  return result?.value ?? null;
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
