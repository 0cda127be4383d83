/** Of an open request: who could answer it, what its client still owes, and which callbacks lead there. */
import type { Resolver } from '../facts/await-facts.ts';
import { HANDLES } from './holders.ts';
import type { OpenResponse } from './open-requests.ts';
import { type OwnParts, whoAnswers } from './resolvers.ts';
import type { HeapGraph } from './snapshot.ts';
import type { Suspended } from './suspended.ts';
import { truthOf } from './values.ts';

export interface Answerers {
  /** Suspended functions that hold the response, or whose result it is, the nearest first. */
  functions: number[];
  /** Who else could answer it. */
  resolvers: Resolver[];
  /** AbortSignals that may call it off. */
  aborts: number[];
  /** Callbacks on the way to the first of them, the nearest to the response first. */
  callbacks: number[];
  /** What its client has not done: sent all of the body, or read what it was sent. */
  client: 'body' | 'reads' | null;
}

export function answerersOf(
  graph: HeapGraph,
  { node, request }: Pick<OpenResponse, 'node' | 'request'>,
  suspendedByNode: ReadonlyMap<number, Suspended>,
): Answerers {
  const own = ownParts(graph, node, request);
  const starts = request >= 0 ? [node, request] : [node];
  const { resolvers, aborts, callbacks } = whoAnswers(graph, starts, suspendedByNode, own);
  const isFunction = ({ kind }: Resolver) => kind === 'frame' || kind === 'function';
  const of = (wanted: Resolver['kind']) => resolvers.filter(({ kind }) => kind === wanted);
  // One that does not hold the response itself may return what a framework answers with.
  const holding = of('frame');
  const functions = (holding.length > 0 ? holding : of('function')).map(({ id }) => id);
  return {
    functions,
    // A function that holds the response is served by what it waits for itself; timers answer beside it.
    resolvers: functions.length > 0 ? resolvers.filter((each) => !isFunction(each)) : resolvers,
    aborts,
    callbacks,
    client: owedByClient(graph, node, request),
  };
}

/** A connection keeps its response, and whoever keeps the connection cannot answer for that. */
function ownParts(graph: HeapGraph, response: number, request: number): OwnParts {
  const nodes = new Set([response, request].filter((node) => node >= 0));
  for (const at of [response, request]) {
    if (at < 0) continue;
    for (const { to, name } of graph.edgesFrom(at)) {
      const isPart =
        /^(socket|client|connection|stream|<symbol (kSocket|stream|kStream)>)$/.test(name) &&
        CONNECTION.test(graph.nameOf(to));
      if (isPart) nodes.add(to);
    }
  }
  for (const at of [...nodes]) {
    for (const field of PARTS) {
      const part = graph.follow(at, field);
      if (part >= 0) nodes.add(part);
    }
  }
  const events = [...nodes].map((node) => graph.follow(node, '_events'));
  return { nodes, events: new Set(events.filter((node) => node >= 0)) };
}

const CONNECTION = /^(Socket|TLSSocket|ServerHttp2Stream|ServerHttp2Session|Duplex)$/;
const PARTS = [
  ...HANDLES,
  'parser',
  '_readableState',
  '_writableState',
  'session',
  '<symbol session>',
  '<symbol kSession>',
  '<symbol async_id_symbol>',
  '<symbol resource_symbol>',
];

function owedByClient(graph: HeapGraph, response: number, request: number): Answerers['client'] {
  if (request >= 0 && truthOf(graph, request, 'complete') === false) return 'body';
  return truthOf(graph, response, '<symbol kNeedDrain>') === true ? 'reads' : null;
}
