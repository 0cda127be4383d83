/** Which functions the server has for a request: Node's own listener, or the layers of a router that have been come to. */
import type { HeapGraph } from './snapshot.ts';
import { numberOf } from './values.ts';

const MAX_LAYERS = 12;

/** Closures, the one that most likely has to answer first. Read from Express's `next`, and from the server's listener. */
export function handlersOf(graph: HeapGraph, request: number): number[] {
  if (request < 0) return [];
  const route = graph.follow(request, 'route');
  return [
    ...(route >= 0 ? layersOf(graph, graph.follow(route, 'stack')).toReversed() : []),
    ...routerHandlers(graph, request),
    ...listeners(graph, request),
  ];
}

/** Express keeps in `req.next` how far it has come in the stack of its layers. */
function routerHandlers(graph: HeapGraph, request: number): number[] {
  const next = graph.follow(request, 'next');
  let context = next < 0 ? -1 : graph.follow(next, 'context');
  for (let depth = 0; context >= 0 && depth < 3; depth++) {
    const stack = graph.follow(context, 'stack');
    const index = numberOf(graph, context, 'idx');
    if (stack >= 0 && index !== null) {
      const layer = elementAt(graph, stack, index - 1);
      return layer < 0 ? [] : handlersIn(graph, layer);
    }
    context = graph.follow(context, 'previous');
  }
  return [];
}

function elementAt(graph: HeapGraph, array: number, index: number): number {
  // A fast array keeps its elements in a store of its own.
  for (const node of [array, graph.follow(array, 'elements')]) {
    if (node < 0) continue;
    for (const { type, name, to } of graph.edgesFrom(node)) {
      if (type === 'element' && name === String(index)) return to;
    }
  }
  return -1;
}

function layersOf(graph: HeapGraph, stack: number): number[] {
  if (stack < 0) return [];
  const layers = [...graph.edgesFrom(stack)].flatMap(({ type, to }) =>
    type === 'element' ? to : [],
  );
  return layers.slice(0, MAX_LAYERS).flatMap((layer) => handlersIn(graph, layer));
}

function handlersIn(graph: HeapGraph, layer: number): number[] {
  // A layer without a route has `undefined` there.
  const route = graph.follow(layer, 'route');
  const stack = route < 0 ? -1 : graph.follow(route, 'stack');
  if (stack >= 0) return layersOf(graph, stack).toReversed();
  const handle = graph.follow(layer, 'handle');
  return handle < 0 ? [] : closuresAt(graph, handle);
}

function listeners(graph: HeapGraph, request: number): number[] {
  const socket = graph.follow(request, 'socket');
  const server = socket < 0 ? -1 : graph.follow(socket, '_server');
  const events = server < 0 ? -1 : graph.follow(server, '_events');
  const listener = events < 0 ? -1 : graph.follow(events, 'request');
  return listener < 0 ? [] : closuresAt(graph, listener);
}

/** A closure, or those of a list. */
function closuresAt(graph: HeapGraph, node: number): number[] {
  if (graph.typeOf(node) === 'closure') return [node];
  return [...graph.edgesFrom(node)].flatMap(({ to }) => (graph.typeOf(to) === 'closure' ? to : []));
}
