/**
 * Who could settle a promise: a walk up its retainers, from the functions that resolve it to
 * whatever holds them. A promise whose resolvers nothing holds can never be settled.
 */

import type { Resolver, ResolverKind } from '../facts/await-facts.ts';
import {
  isEventsObject,
  passedCounter,
  pathOf,
  type Step,
  startAt,
  stepUp,
} from './resolver-walk.ts';
import type { HeapGraph } from './snapshot.ts';
import {
  CONTEXT,
  isModuleContext,
  isReaction,
  promiseOfReaction,
  type Suspended,
} from './suspended.ts';

const PULL = 'system / AsyncGeneratorRequest';
const TIMERS = new Set(['Timeout', 'Immediate']);
const SOCKETS = new Set(
  'Socket TLSSocket ClientRequest ClientHttp2Session ClientHttp2Stream ServerHttp2Stream'.split(
    ' ',
  ),
);
const NATIVE =
  /^(FSReq\w*|\w+ReqWrap|\w*Wrap|ChildProcess|Process|Worker|MessagePort|FileHandle|\w*Job|DirHandle|Pipe|TCP|UDP|TTY|Zlib\w*|Gzip|Gunzip|Brotli\w+)$/;
const NOT_HOLDING =
  /^(map|shared|feedback_cell|native_context|prototype|__proto__|constructor|code|\d+ \/ part of key.*)$/;
const SKIPPED_HOLDERS =
  /^system \/ (NativeContext|FeedbackCell|WeakCell|Map|SourceTextModule|PropertyCell)/;

/** Whoever may call the wait off cannot bring what it waits for. */
const ONLY_REJECTS = /^Abort(Signal|Controller)$/;

const MAX_DEPTH = 30;
const MAX_VISITED = 4000;
const MAX_RESOLVERS = 12;
const MAX_INDIRECT = 4;

/**
 * All who could settle `promise`, the nearest first; empty when nobody can.
 * Promises that only follow others (`then`, `Promise.all`, `return promise`) are looked through.
 */
export function resolversOf(
  graph: HeapGraph,
  promise: number,
  suspendedByNode: ReadonlyMap<number, Suspended>,
): Resolver[] {
  const found = new Map<string, Resolver>();
  /** Functions that reach the resolver through other objects: asked only when nobody else is found. */
  const indirect = new Map<number, Step>();
  const seen = new Set<number>([promise]);
  const steps: Step[] = [startAt(promise, false, true)];

  const add = (kind: ResolverKind, node: number, step: Step) => {
    const key = `${kind}:${node}`;
    if (found.has(key)) return;
    const className = graph.nameOf(node);
    found.set(key, { kind, id: node, className, path: pathOf(graph, step), all: step.all });
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

  for (let at = 0; at < steps.length && at < MAX_VISITED && found.size < MAX_RESOLVERS; at++) {
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

/** The engine's own contexts and pairs of resolving functions: not the program's variables. */
function isEngineOwn(name: string): boolean {
  return name === CONTEXT || name === 'system / PromiseCapability';
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
