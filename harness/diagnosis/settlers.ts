/**
 * Who could settle a promise: a walk up its retainers, from the functions that resolve it to
 * whatever holds them. A promise whose resolvers nothing holds can never be settled.
 */
import {
  CONTEXT,
  isModuleContext,
  isReaction,
  promiseOfReaction,
  type Suspended,
} from './promises.ts';
import type { Edge, HeapGraph } from './snapshot.ts';

export type SettlerKind =
  /** A suspended function whose result the promise is. */
  | 'function'
  /** A suspended function that keeps the resolver in one of its variables. */
  | 'frame'
  | 'timer'
  | 'socket'
  /** The operating system or a thread owes an answer: a file, a name look-up, a child. */
  | 'native'
  /** A listener of an event emitter or event target. */
  | 'event'
  /** Kept in an object's own list or field, as locks, queues and pools do. */
  | 'object'
  /** A variable that any function of its module may use. */
  | 'variable';

export interface Settler {
  kind: SettlerKind;
  /** The suspended function, timer, socket, emitter, or the object that keeps the resolver. */
  node: number;
  /** As source would say it: `engine.#queue`, `bus "done"`; empty when there is no name for it. */
  path: string;
  /** All of several promises are needed, as in `Promise.all`: one that never comes is enough to hang. */
  all: boolean;
}

const TIMERS = new Set(['Timeout', 'Immediate']);
const SOCKETS = new Set(
  'Socket TLSSocket ClientRequest ClientHttp2Session ClientHttp2Stream ServerHttp2Stream'.split(
    ' ',
  ),
);
const NATIVE =
  /^(FSReq\w*|\w+ReqWrap|\w*Wrap|ChildProcess|Process|Worker|MessagePort|FileHandle|\w*Job|DirHandle|Pipe|TCP|UDP|TTY|Zlib\w*|Gzip|Gunzip|Brotli\w+)$/;
/** Containers say nothing about whose they are: the object that has them is the one to name. */
const CONTAINERS = /^(Array|Object|Map|Set|WeakMap|WeakSet|FixedCircularBuffer|FixedQueue|Node|)$/;
const NOT_HOLDING =
  /^(map|shared|feedback_cell|native_context|prototype|__proto__|constructor|code|\d+ \/ part of key.*)$/;
const SKIPPED_HOLDERS =
  /^system \/ (NativeContext|FeedbackCell|WeakCell|Map|SourceTextModule|PropertyCell)/;

const MAX_DEPTH = 14;
const MAX_VISITED = 4000;
const MAX_SETTLERS = 12;

interface Step {
  node: number;
  depth: number;
  all: boolean;
  /** The step below, and the edge from this node down to it. */
  below: Step | null;
  edge: Edge | null;
}

/**
 * All who could settle `promise`, the nearest first; empty when nobody can.
 * Promises that only follow others (`then`, `Promise.all`, `return promise`) are looked through.
 */
export function settlersOf(
  graph: HeapGraph,
  promise: number,
  suspendedByNode: ReadonlyMap<number, Suspended>,
): Settler[] {
  const found: Settler[] = [];
  const seen = new Set<number>([promise]);
  const steps: Step[] = [{ node: promise, depth: 0, all: false, below: null, edge: null }];
  const isSettled = new Set<string>();

  const add = (kind: SettlerKind, node: number, step: Step) => {
    const key = `${kind}:${node}`;
    if (isSettled.has(key)) return;
    isSettled.add(key);
    found.push({ kind, node, path: pathOf(graph, step), all: step.all });
  };
  const climb = (from: Step, edge: Edge, node = edge.from, all = from.all, restart = false) => {
    if (seen.has(node)) return;
    seen.add(node);
    steps.push({
      node,
      depth: restart ? 0 : from.depth + 1,
      all,
      below: restart ? null : from,
      edge,
    });
  };

  for (let at = 0; at < steps.length && at < MAX_VISITED && found.length < MAX_SETTLERS; at++) {
    const step = steps[at]!;
    const isStart = step.depth === 0;
    if (step.depth > MAX_DEPTH) continue;
    for (const edge of graph.edgesTo(step.node)) {
      const holder = edge.from;
      const holderName = graph.nameOf(holder);
      if (NOT_HOLDING.test(edge.name) || SKIPPED_HOLDERS.test(holderName)) continue;
      if (graph.typeOf(holder) === 'synthetic' || graph.typeOf(holder) === 'code') continue;

      if (isReaction(graph, holder)) {
        // Held as a handler: it runs when the promise of that reaction is settled.
        const followed = promiseOfReaction(graph, holder);
        if (followed >= 0)
          climb(step, edge, followed, step.all || passedContext(graph, step), true);
        continue;
      }
      if (isStart) {
        // Of a promise itself only what the engine writes counts; a user's variable that holds it
        // can wait for it but cannot settle it.
        if (edge.type !== 'hidden' && holderName !== 'system / PromiseCapability') continue;
        if (suspendedByNode.has(holder)) add('function', holder, step);
        else if (holderName === 'system / AsyncGeneratorRequest' || isEngineOwn(holderName))
          climb(step, edge);
        continue;
      }
      const frame = frameOf(graph, holder, suspendedByNode);
      if (frame >= 0) {
        add('frame', frame, step);
        continue;
      }
      const named = { node: holder, depth: step.depth + 1, all: step.all, below: step, edge };
      if (TIMERS.has(holderName)) add('timer', holder, named);
      else if (SOCKETS.has(holderName)) add('socket', holder, named);
      else if (graph.typeOf(holder) === 'native' || NATIVE.test(holderName))
        add('native', holder, named);
      else if (edge.type === 'context' && isModuleContext(graph, holder))
        addVariable(add, graph, named);
      else climb(step, edge);
    }
  }
  return found;
}

/** A module's variable: what counts is the object in it that keeps the resolver, if there is one. */
function addVariable(
  add: (kind: SettlerKind, node: number, step: Step) => void,
  graph: HeapGraph,
  step: Step,
): void {
  const { owner, event } = ownerOf(graph, step);
  if (owner < 0) add('variable', step.node, step);
  else add(event ? 'event' : 'object', owner, step);
}

/** The object nearest to the resolver that is more than a container; else the outermost container. */
function ownerOf(graph: HeapGraph, top: Step): { owner: number; event: boolean } {
  let container = -1;
  let owner = -1;
  let event = false;
  for (let step: Step | null = top.below; step; step = step.below) {
    if (graph.typeOf(step.node) !== 'object') continue;
    const name = graph.nameOf(step.node);
    if (name.startsWith('system /') || step.below === null) continue;
    if (container < 0) container = step.node;
    if (!CONTAINERS.test(name)) {
      owner = step.node;
      event = step.edge?.name === '_events' || step.below?.edge?.name === '_events';
    }
  }
  return { owner: owner >= 0 ? owner : container, event };
}

/** `engine.#queue`: variables and fields from the outside in; places in lists are left out. */
function pathOf(graph: HeapGraph, top: Step): string {
  const names: string[] = [];
  for (let step: Step | null = top; step?.edge; step = step.below) {
    const { type, name, from } = step.edge;
    if (type === 'context') names.push(name);
    else if (type === 'property' && name === '_events') continue;
    else if (type === 'property') {
      const inEvents = step.below === null ? false : isEventsObject(graph, from);
      names.push(inEvents ? `"${name}"` : name);
    }
  }
  return names.join('.').replaceAll('."', ' "');
}

function isEventsObject(graph: HeapGraph, node: number): boolean {
  for (const edge of graph.edgesTo(node)) if (edge.name === '_events') return true;
  return false;
}

/** The engine's own contexts and pairs of resolving functions: not the program's variables. */
function isEngineOwn(name: string): boolean {
  return name === CONTEXT || name === 'system / PromiseCapability';
}

/** Between a handler and its promise stands a context with a counter: `all`, `allSettled`, `any`. */
function passedContext(graph: HeapGraph, step: Step): boolean {
  for (let at: Step | null = step; at; at = at.below) {
    if (graph.nameOf(at.node) === 'system / PromiseCapability') return true;
  }
  return false;
}

/** The suspended function whose locals `node` is, or -1. */
function frameOf(
  graph: HeapGraph,
  node: number,
  suspendedByNode: ReadonlyMap<number, Suspended>,
): number {
  for (const edge of graph.edgesTo(node)) {
    if (edge.name === 'parameters_and_registers' && suspendedByNode.has(edge.from))
      return edge.from;
  }
  return -1;
}
