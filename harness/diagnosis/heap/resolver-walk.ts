/** One step of the walk from a promise up to who could settle it, and what the way is called in source. */

import type { Edge, HeapGraph } from './snapshot.ts';
import { CONTEXT } from './suspended.ts';

/** Containers say nothing about whose they are: the object that has them is the one to name. */
const CONTAINERS =
  /^(Array|Object|Map|Set|WeakMap|WeakSet|FixedCircularBuffer|FixedQueue|Node|Entry|Item|Waiter|Deferred|Task|Job|Promise|)$/;

export interface Step {
  /** What holds a response at first is a wrapper of it: a framework’s request, reply, context. */
  wraps: boolean;
  node: number;
  depth: number;
  all: boolean;
  /** The object that keeps the resolver, once the walk has left functions for the program's data. */
  owner: number;
  /** Such an object that has no class of its own: a list or a plain object. */
  container: number;
  isEvent: boolean;
  /** It stands among others in a list: whoever reaches the list has yet to hand it out. */
  isListed: boolean;
  /** Past the owner of such a list and past a function that uses it: from here on only names count. */
  isBeyond: boolean;
  /** Past the owner, and through further data: whoever holds that may call anything, or nothing of it. */
  isThroughData: boolean;
  /** Only the engine's own wiring so far (`then`, adoption, `Promise.all`): no code of the program. */
  isWired: boolean;
  /** The step below, and the edge from this node down to it. */
  below: Step | null;
  edge: Edge | null;
  /** Of a promise that a response's handler waits for: the step at that handler. */
  comesFrom: Step | null;
}

export function startAt(promise: number, all: boolean, isWired: boolean): Step {
  return {
    node: promise,
    depth: 0,
    all,
    owner: -1,
    container: -1,
    isEvent: false,
    isListed: false,
    isBeyond: false,
    isThroughData: false,
    isWired,
    below: null,
    edge: null,
    comesFrom: null,
    wraps: false,
  };
}

/** One step up to the holder; the first object with a class of its own on the way is the owner. */
export function stepUp(graph: HeapGraph, step: Step, edge: Edge): Step {
  const node = edge.from;
  const name = graph.nameOf(node);
  const isData = graph.typeOf(node) === 'object' && !name.startsWith('system /');
  const isList = /^(Array|Set|Map)$/.test(name);
  const wraps = step.wraps && !isList && edge.name !== '_events';
  const isOwner = isData && !wraps && !CONTAINERS.test(name);
  // A list or record in a variable of a function: with its closures that is an object without a class.
  const isVariable = edge.type === 'context' && step.container === step.node;
  return {
    node,
    depth: step.depth + 1,
    all: step.all,
    owner: step.owner >= 0 ? step.owner : isOwner ? node : isVariable ? step.node : -1,
    container: isData && !isOwner ? node : step.container,
    isEvent: step.isEvent || (step.owner < 0 && edge.name === '_events'),
    isListed: step.isListed || (step.owner < 0 && /^(Array|Set)$/.test(name)),
    isBeyond:
      step.isBeyond ||
      (step.isListed && step.owner >= 0 && (graph.typeOf(node) === 'closure' || name === CONTEXT)),
    isThroughData: step.isThroughData || (step.owner >= 0 && isData),
    isWired: step.isWired && edge.type !== 'context' && !isData,
    below: step,
    edge,
    comesFrom: null,
    wraps,
  };
}

/** More names than these would tell how the program is wired, not what it waits for. */
const MAX_NAMES = 3;

/**
 * `engine.#queue`: variables and fields from the outside in, down to the list that keeps the resolver.
 * Places in lists and methods on the way are left out.
 */
export function pathOf(graph: HeapGraph, top: Step): string {
  const names: string[] = [];
  for (let step: Step | null = top; step?.edge; step = step.below) {
    const { type, name, from, to } = step.edge;
    if (type === 'property' && isEventsObject(graph, from)) {
      return [names.slice(-MAX_NAMES).join('.'), `"${name}"`].join(' ').trim();
    }
    const isField = type === 'property' && name !== '_events' && graph.typeOf(to) !== 'closure';
    if ((type === 'context' && name !== 'this') || isField) names.push(name);
    if (step.isListed && /^(Array|Set)$/.test(graph.nameOf(to))) break;
  }
  return names.slice(-MAX_NAMES).join('.');
}

export function isEventsObject(graph: HeapGraph, node: number): boolean {
  for (const edge of graph.edgesTo(node)) if (edge.name === '_events') return true;
  return false;
}

/** Between a handler and its promise stands a context with a counter: `all`, `allSettled`, `any`. */
export function passedCounter(graph: HeapGraph, step: Step): boolean {
  for (let at: Step | null = step; at; at = at.below) {
    if (graph.nameOf(at.node) === 'system / PromiseCapability') return true;
  }
  return false;
}
