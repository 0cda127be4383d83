/** Who is at the other end of a socket, or of a request that still waits for a connection. Nothing is asked: the snapshot shows it. */
import type { Peer } from '../facts/await-facts.ts';
import type { HeapGraph } from '../heap/snapshot.ts';
import { numberOf, textOf } from '../heap/values.ts';
import type { Connection } from './connections.ts';

/**
 * The other end of a socket, or of a request's or response's socket; of a client's request that waits
 * in its agent's queue, the other end of those that are served before it. Null when there is none.
 */
export function peerOf(
  graph: HeapGraph,
  connections: readonly Connection[],
  node: number,
): Peer | null {
  const own = connectionOf(graph, connections, node);
  if (own) return peerAt(graph, own, null);
  const queue = queueOf(graph, node);
  if (!queue) return null;
  const busy = queue.sockets.flatMap((socket) => connections.find(({ id }) => id === socket) ?? []);
  const [first] = busy;
  return first ? peerAt(graph, first, queue.sockets.length) : null;
}

function connectionOf(
  graph: HeapGraph,
  connections: readonly Connection[],
  node: number,
): Connection | undefined {
  const sockets = ['socket', '<symbol kSocket>', '<symbol socket>', '<symbol session>'].map(
    (field) => graph.follow(node, field),
  );
  const session = sockets.at(-1) as number;
  if (session >= 0) sockets.push(graph.follow(session, '<symbol socket>'));
  return connections.find(
    ({ id, message }) => id === node || message === node || sockets.includes(id),
  );
}

function peerAt(graph: HeapGraph, connection: Connection, queuedBehind: number | null): Peer {
  const { id, localPort, remoteAddress, remotePort, isConnecting } = connection;
  const ends =
    isConnecting || remotePort === 0 ? connectingTo(graph, id) : { remoteAddress, remotePort };
  return { connection: id, localPort, ...ends, queuedBehind };
}

/** An attempt to connect names the address; several at once cannot be told apart. */
function connectingTo(
  graph: HeapGraph,
  socket: number,
): Pick<Peer, 'remoteAddress' | 'remotePort'> {
  const attempts = graph.objectsNamed('TCPConnectWrap').map((node) => ({
    remoteAddress: textOf(graph, node, 'address'),
    remotePort: numberOf(graph, node, 'port') ?? 0,
  }));
  const known = attempts.filter(({ remotePort }) => remotePort > 0);
  const [first] = known;
  const isOne = known.every(({ remotePort }) => remotePort === first?.remotePort);
  if (first && isOne) return first;
  return { remoteAddress: textOf(graph, socket, '_host'), remotePort: 0 };
}

/** The agent's queue in which a request waits, and the sockets that are busy with others. */
function queueOf(graph: HeapGraph, request: number): { sockets: number[] } | null {
  const agent = graph.follow(request, 'agent');
  const requests = agent < 0 ? -1 : graph.follow(agent, 'requests');
  if (requests < 0) return null;
  for (const { type, name, to } of graph.edgesFrom(requests)) {
    if (type !== 'property' || !elementsOf(graph, to).includes(request)) continue;
    const busy = graph.follow(graph.follow(agent, 'sockets'), name);
    return { sockets: busy < 0 ? [] : elementsOf(graph, busy) };
  }
  return null;
}

function elementsOf(graph: HeapGraph, array: number): number[] {
  return [...graph.edgesFrom(array)].flatMap(({ type, to }) => (type === 'element' ? to : []));
}
