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

const PULL = 'system / AsyncGeneratorRequest';
const TIMERS = new Set(['Timeout', 'Immediate']);
const SOCKETS = new Set(
  'Socket TLSSocket ClientRequest ClientHttp2Session ClientHttp2Stream ServerHttp2Stream'.split(
    ' ',
  ),
);
const NATIVE =
  /^(FSReq\w*|\w+ReqWrap|\w*Wrap|ChildProcess|Process|Worker|MessagePort|FileHandle|\w*Job|DirHandle|Pipe|TCP|UDP|TTY|Zlib\w*|Gzip|Gunzip|Brotli\w+)$/;
/** Containers say nothing about whose they are: the object that has them is the one to name. */
const CONTAINERS =
  /^(Array|Object|Map|Set|WeakMap|WeakSet|FixedCircularBuffer|FixedQueue|Node|Entry|Item|Waiter|Deferred|Task|Job|Promise|)$/;
const NOT_HOLDING =
  /^(map|shared|feedback_cell|native_context|prototype|__proto__|constructor|code|\d+ \/ part of key.*)$/;
const SKIPPED_HOLDERS =
  /^system \/ (NativeContext|FeedbackCell|WeakCell|Map|SourceTextModule|PropertyCell)/;

/** Whoever may call the wait off cannot bring what it waits for. */
const ONLY_REJECTS = /^Abort(Signal|Controller)$/;

const MAX_DEPTH = 30;
const MAX_VISITED = 4000;
const MAX_SETTLERS = 12;
const MAX_INDIRECT = 4;

interface Step {
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
  const found = new Map<string, Settler>();
  /** Functions that reach the resolver through other objects: asked only when nobody else is found. */
  const indirect = new Map<number, Step>();
  const seen = new Set<number>([promise]);
  const steps: Step[] = [startAt(promise, false, true)];

  const add = (kind: SettlerKind, node: number, step: Step) => {
    const key = `${kind}:${node}`;
    if (!found.has(key)) found.set(key, { kind, node, path: pathOf(graph, step), all: step.all });
  };
  const addKept = (step: Step) => {
    const { owner, container, isEvent } = step;
    if (isEvent) add('event', owner >= 0 ? owner : container, step);
    else if (owner >= 0) add('object', owner, step);
    else if (container >= 0) add('object', container, step);
    else add('variable', step.node, step);
  };
  const enqueue = (step: Step) => {
    if (!seen.has(step.node)) {
      seen.add(step.node);
      steps.push(step);
      return;
    }
    // `once` listens to "error" too, only to reject: the event that is waited for is the other one.
    const known = steps.find(({ node }) => node === step.node);
    if (known?.edge?.name === 'error' && isEventsObject(graph, step.node))
      Object.assign(known, step);
  };

  for (let at = 0; at < steps.length && at < MAX_VISITED && found.size < MAX_SETTLERS; at++) {
    const step = steps[at]!;
    if (step.depth > MAX_DEPTH) continue;
    const isStart = step.depth === 0;
    for (const edge of graph.edgesTo(step.node)) {
      const holder = edge.from;
      const holderName = graph.nameOf(holder);
      if (NOT_HOLDING.test(edge.name) || SKIPPED_HOLDERS.test(holderName)) continue;
      if (graph.typeOf(holder) === 'code' || ONLY_REJECTS.test(holderName)) continue;
      if (graph.typeOf(holder) === 'synthetic') {
        // Native code keeps promises that it will settle itself: of files, workers, crypto.
        if (isStart) add('native', holder, step);
        continue;
      }

      if (step.isBeyond) {
        const up = stepUp(graph, step, edge);
        if (edge.type === 'context' && isModuleContext(graph, holder)) addKept(up);
        else if (!isReaction(graph, holder)) enqueue(up);
        continue;
      }
      if (isReaction(graph, holder)) {
        // Held as a handler: it runs when the promise of that reaction is settled.
        const followed = promiseOfReaction(graph, holder);
        if (followed >= 0)
          enqueue(startAt(followed, step.all || passedCounter(graph, step), step.isWired));
        continue;
      }
      if (isStart) {
        // Of a promise itself only what the engine writes counts; a user's variable that holds it
        // can wait for it but cannot settle it.
        if (NATIVE.test(holderName)) add('native', holder, step);
        const isEngines = edge.type === 'hidden' || holderName === 'system / PromiseCapability';
        if (!isEngines) continue;
        if (suspendedByNode.has(holder)) add(step.isWired ? 'function' : 'frame', holder, step);
        else if (holderName === PULL || isEngineOwn(holderName)) {
          enqueue(stepUp(graph, step, edge));
        }
        continue;
      }
      const up = stepUp(graph, step, edge);
      const frame = frameOf(graph, holder, suspendedByNode);
      if (frame >= 0) {
        if (step.owner < 0 && step.container < 0) add('frame', frame, step);
        else if (step.node === step.owner) addKept(step);
        else if (!indirect.has(frame)) indirect.set(frame, step);
      } else if (suspendedByNode.has(holder)) {
        // An async generator settles the pulls in its queue itself.
        if (graph.nameOf(step.node) === PULL)
          add(step.isWired ? 'function' : 'frame', holder, step);
      } else if (TIMERS.has(holderName)) {
        if (!step.isThroughData) add('timer', holder, up);
      } else if (SOCKETS.has(holderName)) {
        if (!isAccepted(graph, holder)) add('socket', holder, up);
      } else if (graph.typeOf(holder) === 'native' || NATIVE.test(holderName))
        add('native', holder, up);
      else if (edge.type === 'context' && isModuleContext(graph, holder)) addKept(up);
      else enqueue(up);
    }
  }
  // A list that no module's variable leads to: in a function's closure, or on its stack.
  const listed = steps.find(({ isListed, owner }) => isListed && owner >= 0);
  if (listed && !found.has(`object:${listed.owner}`)) addKept(listed);
  if (found.size === 0) {
    for (const [frame, step] of [...indirect].slice(0, MAX_INDIRECT)) add('frame', frame, step);
  }
  // Kept by a variable that several functions share: one of them is to use it.
  const shared = steps.find(({ owner }) => owner >= 0);
  if (found.size === 0 && shared) addKept(shared);
  return [...found.values()];
}

/** A client's own connection: its end can call a request off, and nothing more. */
function isAccepted(graph: HeapGraph, socket: number): boolean {
  const server = graph.follow(socket, '_server');
  return server >= 0 && graph.nameOf(server) === 'Server';
}

function startAt(promise: number, all: boolean, isWired: boolean): Step {
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
  };
}

/** One step up to the holder; the first object with a class of its own on the way is the owner. */
function stepUp(graph: HeapGraph, step: Step, edge: Edge): Step {
  const node = edge.from;
  const name = graph.nameOf(node);
  const isData = graph.typeOf(node) === 'object' && !name.startsWith('system /');
  const isOwner = isData && !CONTAINERS.test(name);
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
  };
}

/** More names than these would tell how the program is wired, not what it waits for. */
const MAX_NAMES = 3;

/**
 * `engine.#queue`: variables and fields from the outside in, down to the list that keeps the resolver.
 * Places in lists and methods on the way are left out.
 */
function pathOf(graph: HeapGraph, top: Step): string {
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

function isEventsObject(graph: HeapGraph, node: number): boolean {
  for (const edge of graph.edgesTo(node)) if (edge.name === '_events') return true;
  return false;
}

/** The engine's own contexts and pairs of resolving functions: not the program's variables. */
function isEngineOwn(name: string): boolean {
  return name === CONTEXT || name === 'system / PromiseCapability';
}

/** Between a handler and its promise stands a context with a counter: `all`, `allSettled`, `any`. */
function passedCounter(graph: HeapGraph, step: Step): boolean {
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
