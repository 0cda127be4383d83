/**
 * Suspended functions and the promises they await, read from a heap snapshot's own edges.
 *
 * V8 writes an awaited promise so: Promise -reactions_or_result-> PromiseReaction -> closure -> Context
 * -extension-> the suspended function's object. The same on Node 20, 22, 24 and 26.
 */
import type { HeapGraph } from './snapshot.ts';

/** An async function (or a generator) that is suspended at an `await` or `yield`. */
export interface Suspended {
  /** Its object in the snapshot. */
  node: number;
  /** The closure it runs, and that closure's name; empty when it has none. */
  closure: number;
  name: string;
  /** `this`, or -1. */
  receiver: number;
  /** The promise that it will settle, or -1: a generator has none. */
  result: number;
  /** The promise it awaits, or -1 when it stands at a `yield` and waits to be pulled. */
  awaited: number;
}

const REACTION = 'system / PromiseReaction';
export const CONTEXT = 'system / Context';

/** Every suspended function of the heap. */
export function suspendedFunctions(graph: HeapGraph): Suspended[] {
  return graph.nodesWith('parameters_and_registers').flatMap((node) => {
    const closure = graph.follow(node, 'function');
    if (closure < 0 || isModuleBody(graph, node)) return [];
    return [
      {
        node,
        closure,
        name: graph.nameOf(closure),
        receiver: graph.follow(node, 'receiver'),
        result: resultOf(graph, node),
        awaited: awaitedBy(graph, node),
      },
    ];
  });
}

/** Each module that has been evaluated leaves its own body behind as a generator that has ended. */
function isModuleBody(graph: HeapGraph, node: number): boolean {
  for (const edge of graph.edgesTo(node)) {
    if (graph.nameOf(edge.from) === 'system / SourceTextModule') return awaitedBy(graph, node) < 0;
  }
  return false;
}

function resultOf(graph: HeapGraph, node: number): number {
  for (const edge of graph.edgesFrom(node)) {
    if (edge.type === 'hidden' && isPromise(graph, edge.to)) return edge.to;
  }
  return -1;
}

function awaitedBy(graph: HeapGraph, node: number): number {
  for (const toFunction of graph.edgesTo(node)) {
    if (toFunction.name !== 'extension' || graph.nameOf(toFunction.from) !== CONTEXT) continue;
    for (const toContext of graph.edgesTo(toFunction.from)) {
      if (toContext.name !== 'context' || graph.typeOf(toContext.from) !== 'closure') continue;
      for (const toClosure of graph.edgesTo(toContext.from)) {
        if (!isReaction(graph, toClosure.from)) continue;
        const promise = promiseOfReaction(graph, toClosure.from);
        if (promise >= 0) return promise;
      }
    }
  }
  return -1;
}

/** The promise in whose list a reaction stands: the list is linked, its head held by the promise. */
export function promiseOfReaction(graph: HeapGraph, reaction: number): number {
  const seen = new Set<number>();
  let at = reaction;
  while (!seen.has(at)) {
    seen.add(at);
    let previous = -1;
    for (const edge of graph.edgesTo(at)) {
      if (edge.name === 'reactions_or_result') return edge.from;
      if (isReaction(graph, edge.from)) previous = edge.from;
    }
    if (previous < 0) return -1;
    at = previous;
  }
  return -1;
}

export function isReaction(graph: HeapGraph, node: number): boolean {
  return graph.nameOf(node) === REACTION;
}

/** A promise, also of a subclass as long as somebody waits for it. */
export function isPromise(graph: HeapGraph, node: number): boolean {
  if (graph.typeOf(node) !== 'object') return false;
  return graph.nameOf(node) === 'Promise' || graph.follow(node, 'reactions_or_result') >= 0;
}

/** A module's own variables stand directly above the engine's: both for ES modules and CommonJS. */
export function isModuleContext(graph: HeapGraph, context: number): boolean {
  if (graph.nameOf(context) !== CONTEXT) return false;
  const previous = graph.follow(context, 'previous');
  return previous >= 0 && graph.nameOf(previous).startsWith('system / NativeContext');
}
