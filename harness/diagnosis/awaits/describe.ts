/** Facts of one look: the suspended functions and the requests that callbacks are to answer, put together from the snapshot. */
import { redact } from '../../platform/redact.ts';
import type {
  ConnectionFacts,
  OpenRequest,
  Peer,
  SuspendedFunction,
} from '../facts/await-facts.ts';
import type { Answerers } from '../heap/answerers.ts';
import type { OpenResponse } from '../heap/open-requests.ts';
import type { Found } from '../heap/resolvers.ts';
import type { HeapGraph } from '../heap/snapshot.ts';
import { abortTimes, dueAt } from '../heap/timers.ts';
import type { CallbackPlace } from './callback-places.ts';
import type { Connection } from './connections.ts';
import { awaitedCall, awaitedName, handsOn } from './lock-holders.ts';
import { peerOf } from './peers.ts';
import type { Placed } from './placing.ts';

/** What one look has found, before it is put into words that need no snapshot. */
export interface Seen {
  graph: HeapGraph;
  /** On the clock of the process's timers, when the snapshot was taken. */
  clockMs: number;
  placed: readonly Placed[];
  /** By the promise that is awaited. */
  settlers: ReadonlyMap<number, Found>;
  open: readonly OpenResponse[];
  answerers: ReadonlyMap<number, Answerers>;
  callbacks: ReadonlyMap<number, CallbackPlace>;
  connections: readonly Connection[];
}

/** What had become of it at the second look. */
export interface Later {
  pendingPromises: ReadonlySet<number>;
  endedRequests: ReadonlySet<number>;
  movedConnections: ReadonlySet<number>;
}

export function functionFacts(seen: Seen, later: Later): SuspendedFunction[] {
  const requests = requestsByFunction(seen);
  const functions = seen.placed.map(({ source, frame }): SuspendedFunction => {
    const { resolvers = [], aborts = [] } = seen.settlers.get(source.awaited) ?? {};
    const others = resolvers.filter(({ kind, id }) => kind !== 'frame' || id !== source.node);
    return {
      id: source.node,
      frame,
      receiver: source.receiver >= 0 ? source.receiver : null,
      isAtYield: source.awaited < 0,
      call: awaitedCall(source.from),
      callName: awaitedName(source.from),
      handsOn: handsOn(source.before),
      isRead: source.from !== '',
      resolvers: others.map((each) => timed(seen, each)),
      requests: requests.get(source.node) ?? [],
      // One that is suspended at a `yield` awaits nothing: it does not go on by itself.
      hasMoved: source.awaited >= 0 && !later.pendingPromises.has(source.awaited),
      timerMs: timerMs(seen, others, aborts),
    };
  });
  return [...functions, ...seen.open.flatMap((each) => callbackFacts(seen, later, each))];
}

/** A request whose handler has returned: a callback is to answer it, or nothing is. */
function callbackFacts(seen: Seen, later: Later, { node }: OpenResponse): SuspendedFunction[] {
  const answerers = seen.answerers.get(node);
  if (!answerers || answerers.functions.length > 0 || answerers.resolvers.length === 0) return [];
  const frame = seen.callbacks.get(node)?.callback ?? seen.callbacks.get(node)?.handler;
  if (!frame) return [];
  const { resolvers, aborts } = answerers;
  return [
    {
      id: node,
      frame,
      receiver: null,
      isAtYield: false,
      call: null,
      callName: '',
      handsOn: false,
      isRead: true,
      resolvers: resolvers.map((each) => timed(seen, each)),
      requests: [node],
      hasMoved: later.endedRequests.has(node),
      isCallback: true,
      timerMs: timerMs(seen, resolvers, aborts),
    },
  ];
}

function requestsByFunction({ answerers }: Seen): Map<number, number[]> {
  const requests = new Map<number, number[]>();
  for (const [request, { functions }] of answerers) {
    for (const each of functions) requests.set(each, [...(requests.get(each) ?? []), request]);
  }
  return requests;
}

function timed({ graph, clockMs }: Seen, resolver: Found['resolvers'][number]) {
  const due = resolver.kind === 'timer' ? dueAt(graph, resolver.id) : null;
  return due === null ? resolver : { ...resolver, dueMs: Math.max(0, Math.round(due - clockMs)) };
}

/** Of all timers that end the wait, or call it off, the first. */
function timerMs(
  { graph, clockMs }: Seen,
  resolvers: Found['resolvers'],
  aborts: readonly number[],
): number | null {
  const times = abortTimes(graph);
  const due = [
    ...resolvers.flatMap(({ kind, id }) => (kind === 'timer' ? (dueAt(graph, id) ?? []) : [])),
    ...aborts.flatMap((signal) => times.get(signal) ?? []),
  ];
  return due.length === 0 ? null : Math.max(0, Math.round(Math.min(...due) - clockMs));
}

export function requestFacts(seen: Seen, later: Later): OpenRequest[] {
  const connections = new Map(seen.connections.map((each) => [each.message, each]));
  return seen.open.map(({ node, method, path, sent }) => {
    const connection = connections.get(node);
    const { functions = [], resolvers = [], client = null } = seen.answerers.get(node) ?? {};
    return {
      id: node,
      method: redact(method),
      path: redact(path),
      clientPort: connection?.remotePort ?? null,
      isOrphan: functions.length === 0 && resolvers.length === 0 && client === null,
      sent,
      client,
      hasEnded: later.endedRequests.has(node),
      hasMoved: connection !== undefined && later.movedConnections.has(connection.id),
      handler: seen.callbacks.get(node)?.handler ?? null,
    };
  });
}

export function connectionFacts({ connections }: Seen, later: Later): ConnectionFacts[] {
  return connections.map(({ message: _, ...connection }) => ({
    ...connection,
    hasMoved: later.movedConnections.has(connection.id),
  }));
}

/** Of every socket that somebody waits for. */
export function peerFacts(
  { graph, connections }: Seen,
  functions: readonly SuspendedFunction[],
): Record<number, Peer | null> {
  const sockets = functions.flatMap(({ resolvers }) =>
    resolvers.flatMap(({ kind, id }) => (kind === 'socket' || kind === 'client' ? id : [])),
  );
  return Object.fromEntries(
    [...new Set(sockets)].map((id) => [id, peerOf(graph, connections, id)]),
  );
}
