/**
 * Who could settle a promise, or answer a request: a walk up the retainers, from the functions that resolve it, or
 * that hold the response, to whatever holds those. What nothing holds can never be settled.
 */
import type { Resolver, ResolverKind } from '../facts/await-facts.ts';
import {
  hasNativeName,
  isAccepted,
  isEngineOwn,
  isHolding,
  isNative,
  isRoot,
  isSocket,
  isTimer,
  onlyRejects,
  PULL,
} from './holders.ts';
import {
  isEventsObject,
  passedCounter,
  pathOf,
  type Step,
  startAt,
  stepUp,
} from './resolver-walk.ts';
import type { HeapGraph } from './snapshot.ts';
import { isModuleContext, isReaction, promiseOfReaction, type Suspended } from './suspended.ts';

const MAX_DEPTH = 30;
const MAX_VISITED = 4000;
const MAX_RESOLVERS = 12;
const MAX_INDIRECT = 4;
const MAX_ABORTS = 8;

export interface Found {
  /** The nearest first. */
  resolvers: Resolver[];
  /** AbortSignals that may call it off. */
  aborts: number[];
  /** The callbacks on the way to the first resolver, the nearest to the response first. */
  callbacks: number[];
  /** Events of the response's own connection that its code waits for. */
  ownEvents: string[];
  /** Streams whose events lead there. */
  streams: number[];
}

/** A response and what belongs to its connection: they hold one another, and act only as its client does. */
export interface OwnParts {
  nodes: ReadonlySet<number>;
  /** Their objects of listeners. */
  events: ReadonlySet<number>;
}

const NO_PARTS: OwnParts = { nodes: new Set(), events: new Set() };

/**
 * All who could settle `promise`, the nearest first; none when nobody can.
 * Promises that only follow others (`then`, `Promise.all`, `return promise`) are looked through.
 */
export function whoSettles(
  graph: HeapGraph,
  promise: number,
  suspendedByNode: ReadonlyMap<number, Suspended>,
): Found {
  return walk(graph, [startAt(promise, false, true)], suspendedByNode, NO_PARTS);
}

/** All who could answer through `response`. What holds it first are wrappers: a framework's request, reply, context. */
export function whoAnswers(
  graph: HeapGraph,
  responses: readonly number[],
  suspendedByNode: ReadonlyMap<number, Suspended>,
  own: OwnParts,
): Found {
  const starts = responses.map((node) => ({
    ...startAt(node, false, false),
    depth: 1,
    wraps: true,
  }));
  return walk(graph, starts, suspendedByNode, own);
}

function walk(
  graph: HeapGraph,
  starts: readonly Step[],
  suspendedByNode: ReadonlyMap<number, Suspended>,
  own: OwnParts,
): Found {
  const found = new Map<string, Resolver>();
  /** Functions that reach the resolver through other objects: asked only when nobody else is found. */
  const indirect = new Map<number, Step>();
  const aborts = new Set<number>();
  const ownEvents = new Set<string>();
  const streams = new Set<number>();
  const seen = new Set<number>(starts.map(({ node }) => node));
  const steps: Step[] = [...starts];
  let nearest: Step | null = null;
  let isCut = false;

  const add = (kind: ResolverKind, node: number, step: Step) => {
    const key = `${kind}:${node}`;
    if (found.has(key)) return;
    nearest ??= step;
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

  for (let at = 0; at < steps.length && found.size < MAX_RESOLVERS; at++) {
    const step = steps[at]!;
    if (at >= MAX_VISITED || step.depth > MAX_DEPTH) {
      isCut = true;
      if (at >= MAX_VISITED) break;
      continue;
    }
    const isStart = step.depth === 0;
    for (const edge of graph.edgesTo(step.node)) {
      const holder = edge.from;
      if (!isHolding(graph, edge) || own.nodes.has(holder)) continue;
      if (edge.name === '_events' && graph.follow(holder, '_readableState') >= 0)
        streams.add(holder);
      if (onlyRejects(graph, holder)) {
        if (aborts.size < MAX_ABORTS) aborts.add(holder);
        continue;
      }
      if (own.events.has(holder)) {
        ownEvents.add(edge.name);
        continue;
      }
      if (isRoot(graph, holder)) {
        // Native code keeps promises that it will settle itself: of files, workers, crypto.
        if (isStart || (step.wraps && step.below)) add('native', holder, step);
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
        const all = step.all || passedCounter(graph, step);
        // What a handler waits for is as good as its result: from here on it is a promise like any other.
        if (followed >= 0) enqueue(followedBy(step, followed, all));
        continue;
      }
      if (isStart) {
        // Of a promise itself only what the engine writes counts; a user's variable that holds it
        // can wait for it but cannot settle it.
        if (hasNativeName(graph, holder)) add('native', holder, step);
        const holderName = graph.nameOf(holder);
        const isEngines = edge.type === 'hidden' || holderName === 'system / PromiseCapability';
        if (!isEngines) continue;
        if (suspendedByNode.has(holder)) add(step.isWired ? 'function' : 'frame', holder, step);
        else if (holderName === PULL || isEngineOwn(holderName)) {
          enqueue(stepUp(graph, step, edge));
        }
        continue;
      }
      const up = stepUp(graph, step, edge);
      const frame = frameOf(graph, holder, step, suspendedByNode);
      if (frame >= 0) {
        if ((step.owner < 0 && step.container < 0) || step.wraps) add('frame', frame, step);
        else if (step.node === step.owner) addKept(step);
        else if (!indirect.has(frame)) indirect.set(frame, step);
      } else if (suspendedByNode.has(holder)) {
        // An async generator settles the pulls in its queue itself.
        if (graph.nameOf(step.node) === PULL)
          add(step.isWired ? 'function' : 'frame', holder, step);
      } else if (isTimer(graph, holder)) {
        if (!step.isThroughData) add('timer', holder, up);
      } else if (isSocket(graph, holder)) {
        add(isAccepted(graph, holder) ? 'client' : 'socket', holder, up);
      } else if (isNative(graph, holder)) add('native', holder, up);
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
  // That nobody was met proves nothing then.
  if (found.size === 0 && isCut) add('variable', starts[0]!.node, starts[0]!);
  return {
    resolvers: [...found.values()],
    aborts: [...aborts],
    callbacks: nearest ? callbacksOn(graph, nearest) : [],
    ownEvents: [...ownEvents],
    streams: [...streams],
  };
}

/** The same way, continued at the promise that a handler waits for. */
function followedBy(step: Step, promise: number, all: boolean): Step {
  const next = startAt(promise, all, step.isWired);
  return step.wraps || step.comesFrom ? { ...next, isWired: true, comesFrom: step } : next;
}

/** The closures on the way from a response to its first resolver. */
function callbacksOn(graph: HeapGraph, top: Step): number[] {
  const closures: number[] = [];
  for (let at: Step | null = top; at; at = at.below ?? at.comesFrom) {
    if (graph.typeOf(at.node) === 'closure') closures.unshift(at.node);
  }
  return closures;
}

/** The suspended function whose locals `node` is, or -1. A response that a closure captures stands in its context. */
function frameOf(
  graph: HeapGraph,
  node: number,
  { wraps }: Step,
  suspendedByNode: ReadonlyMap<number, Suspended>,
): number {
  if (wraps && suspendedByNode.has(node)) return node;
  for (const edge of graph.edgesTo(node)) {
    if (edge.name === 'parameters_and_registers' && suspendedByNode.has(edge.from))
      return edge.from;
  }
  return -1;
}
