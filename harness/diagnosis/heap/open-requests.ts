/** The requests that a Node process has not answered, and which suspended functions serve them. */

import type { HeapGraph } from './snapshot.ts';
import { isModuleContext, type Suspended } from './suspended.ts';

export interface OpenResponse {
  /** The response object in the snapshot. */
  node: number;
  method: string;
  /** Path without its query, which may hold what is nobody's business. */
  path: string;
}

const MAX_DEPTH = 3;
const MAX_VISITED = 400;

/**
 * Responses of HTTP/1 that a request has begun and that have not been ended, whose client has not gone
 * either, as the snapshot shows them: what ends while the process is asked further was open at that moment.
 */
export function openHttp1Responses(graph: HeapGraph): OpenResponse[] {
  const isFalse = falseIn(graph);
  return graph
    .objectsNamed('ServerResponse')
    .flatMap((node) => openResponse(graph, node, isFalse) ?? []);
}

/** Null for one that has ended, and for what is none: a prototype, a response without its request. */
function openResponse(
  graph: HeapGraph,
  node: number,
  isFalse: (node: number) => boolean,
): OpenResponse | null {
  const isOpen = ['finished', 'destroyed'].every((field) => isFalse(graph.follow(node, field)));
  const request = isOpen ? graph.follow(node, 'req') : -1;
  const method = textOf(graph, request, 'method');
  const [path = ''] = textOf(graph, request, 'url').split('?', 1);
  return method === '' ? null : { node, method, path };
}

function textOf(graph: HeapGraph, node: number, field: string): string {
  const at = node < 0 ? -1 : graph.follow(node, field);
  if (at < 0) return '';
  if (graph.typeOf(at) !== 'concatenated string') return graph.nameOf(at);
  return textOf(graph, at, 'first') + textOf(graph, at, 'second');
}

/** The engine has one `false` for all; only its roots tell which node it is. */
function falseIn(graph: HeapGraph): (node: number) => boolean {
  const found = graph.nodesTo('false_value');
  return (node) => found.has(node);
}

/** The open requests that each function serves: those it reaches from its own variables. */
export function requestsOf(
  graph: HeapGraph,
  { node, result }: Suspended,
  open: ReadonlyMap<number, OpenResponse>,
): OpenResponse[] {
  if (open.size === 0) return [];
  const start = [graph.follow(node, 'parameters_and_registers'), node];
  // A framework that takes the promise up with `then` keeps the response in the callback.
  if (result >= 0) start.push(...callbackContexts(graph, result));
  const seen = new Set(start);
  const found = new Set<OpenResponse>();
  let ring = start;
  for (let depth = 0; depth <= MAX_DEPTH && seen.size < MAX_VISITED; depth++) {
    const next: number[] = [];
    for (const at of ring) {
      for (const edge of graph.edgesFrom(at)) {
        if (seen.has(edge.to) || !leadsOn(graph, edge.type, edge.name, edge.to, depth)) continue;
        seen.add(edge.to);
        const request = open.get(edge.to);
        if (request) found.add(request);
        else next.push(edge.to);
      }
    }
    // The nearest is its own: what lies behind it may be another's.
    if (found.size > 0) break;
    ring = next;
  }
  return [...found];
}

function leadsOn(graph: HeapGraph, type: string, name: string, to: number, depth: number): boolean {
  if (isModuleContext(graph, to)) return false;
  if (type === 'property') return !/^(__proto__|_events|constructor|next|prev)$/.test(name);
  if (type === 'context') return graph.typeOf(to) === 'object';
  return depth === 0 && type === 'internal' && graph.typeOf(to) === 'object';
}

function callbackContexts(graph: HeapGraph, promise: number): number[] {
  const reaction = graph.follow(promise, 'reactions_or_result');
  if (reaction < 0) return [];
  return [...graph.edgesFrom(reaction)]
    .filter(({ to }) => graph.typeOf(to) === 'closure')
    .map(({ to }) => graph.follow(to, 'context'))
    .filter((context) => context >= 0);
}
