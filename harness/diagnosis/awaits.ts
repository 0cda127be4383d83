/**
 * The awaits that never resolve, named from outside an unmodified Node process.
 *
 * One heap snapshot tells who waits for what; the same promises are asked again two seconds later,
 * so that what is only busy is not called stuck.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { HanglabError } from '../errors.ts';
import { type Connection, connectionsOf, holdSockets } from './connections.ts';
import { hold, isPending } from './frames.ts';
import type { Inspector } from './inspector.ts';
import { instancesOf } from './instances.ts';
import type { Standing } from './locks.ts';
import { orphansAmong } from './orphans.ts';
import { type Placed, placesOf } from './places.ts';
import { suspendedFunctions } from './promises.ts';
import { type OpenRequest, openRequests, requestsOf } from './requests.ts';
import { followScripts } from './scripts.ts';
import type { Settler } from './settlers.ts';
import { type HeapGraph, takeSnapshot } from './snapshot.ts';
import type { Frame } from './types.ts';
import { settlersByPromise, type WaitGraph, waitGraph } from './waitgraph.ts';

/** Between the two looks: a promise still pending after it is called stuck. */
const SETTLE_MS = 2000;
/** A heap beyond this freezes its process for seconds, so it is looked at only when asked for. */
export const MAX_HEAP_BYTES = 150e6;
/** With more promises than this, only those of the functions that are asked are watched. */
const MAX_PROMISES = 4000;
const HOLDING_MS = 2500;

/** A suspended function, all about it. */
export interface Stuck {
  node: number;
  frame: Frame;
  source: Standing;
  settlers: Settler[];
  requests: OpenRequest[];
}

export interface Awaits {
  stuck: Map<number, Stuck>;
  waits: WaitGraph;
  graph: HeapGraph;
  open: OpenRequest[];
  connections: Connection[];
  /** Those among them that nothing of the program can reach any more. */
  orphans: OpenRequest[];
  /** Suspended functions, and how many of them had gone on after two seconds. */
  moved: number;
  suspended: number;
  /** The snapshot, and the walks over the heap after it. */
  frozenMs: number;
  /** The same with those that went on in the two seconds: who was slow when the snapshot was taken. */
  readonly first: Awaits;
}

/**
 * Looks at every suspended function of the process. What it takes hold of there is the caller's to let
 * go of, by `releaseAll`.
 * @throws HanglabError `heap-too-large` unless `heap` is set, when the look would freeze it for long.
 */
export async function inspectAwaits(
  inspector: Inspector,
  { heap = false }: { heap?: boolean } = {},
): Promise<Awaits> {
  const { usedSize } = await inspector.send('Runtime.getHeapUsage');
  if (usedSize > MAX_HEAP_BYTES && !heap) {
    throw new HanglabError(
      'heap-too-large',
      `The heap holds ${Math.round(usedSize / 1e6)} MB: looking into it would freeze the process for ` +
        'seconds and double its memory. Add --heap to look all the same.',
    );
  }
  const scripts = await followScripts(inspector);
  const sockets = await holdSockets(inspector);
  const { graph, frozenMs } = await takeSnapshot(inspector, 120_000);
  const snapshotAt = performance.now();
  const connections = await connectionsOf(inspector, graph, sockets);
  const suspended = suspendedFunctions(graph);
  const settlers = settlersByPromise(graph, suspended);
  const open = await openRequests(inspector, graph);
  const askingAt = performance.now();
  // First, for what is only slow goes on meanwhile, and then stands nowhere.
  const placed = await placesOf(inspector, graph, scripts, suspended, settlers);
  const awaited = new Set(suspended.map((each) => each.awaited));
  const promises = await awaitedPromises(inspector, graph, awaited);
  const askedMs = performance.now() - askingAt;
  await sleep(Math.max(0, SETTLE_MS - (performance.now() - snapshotAt)));
  const pending = await stillPending(inspector, promises);
  // One that went on may have done so before it was asked where it stood.
  const everyOne = placed.map((each) =>
    each.askedAt === null || each.askedAt < 0 || pending.has(each.askedAt) ? each : each.unplaced(),
  );
  // One that stands at a `yield` awaits nothing: it does not go on by itself.
  const standing = everyOne.filter(
    ({ source: { awaited: promise } }) => promise < 0 || pending.has(promise),
  );
  const seen = (functions: readonly Placed[]): Awaits => ({
    ...stuckAmong(graph, functions, everyOne, settlers, open),
    graph,
    open,
    connections,
    orphans: orphansAmong(graph, open),
    moved: suspended.length - standing.length,
    suspended: suspended.length,
    frozenMs: frozenMs + askedMs,
    get first() {
      first ??= seen(everyOne);
      return first;
    },
  });
  let first: Awaits | undefined;
  return seen(standing);
}

function stuckAmong(
  graph: HeapGraph,
  functions: readonly Placed[],
  everyOne: readonly Placed[],
  settlers: ReadonlyMap<number, Settler[]>,
  open: readonly OpenRequest[],
): Pick<Awaits, 'stuck' | 'waits'> {
  const sourcesOf = (placed: readonly Placed[]) => placed.map(({ source }) => source);
  const waits = waitGraph(graph, sourcesOf(functions), settlers, sourcesOf(everyOne));
  const openByNode = new Map(open.map((request) => [request.node, request]));
  const stuck = functions.map(({ source, frame }): Stuck => {
    const { node } = source;
    return {
      node,
      frame,
      source,
      settlers: waits.waiters.get(node)?.settlers ?? [],
      requests: requestsOf(graph, source, openByNode),
    };
  });
  return { stuck: new Map(stuck.map((each) => [each.node, each])), waits };
}

/** Handles of the promises that some function awaits, by their node. */
async function awaitedPromises(
  inspector: Inspector,
  graph: HeapGraph,
  awaited: ReadonlySet<number>,
): Promise<Map<number, string>> {
  const all = await instancesOf(inspector, {
    prototype: 'Promise.prototype',
    filter: '(all) => all',
    limit: MAX_PROMISES,
  });
  if (all) {
    const known = all.map(({ heapId, objectId }) => [graph.nodeOf(heapId), objectId] as const);
    return new Map(known.filter(([node]) => awaited.has(node)));
  }
  const held = new Map<number, string>();
  const deadline = performance.now() + HOLDING_MS;
  for (const node of awaited) {
    if (performance.now() > deadline) break;
    const objectId = node < 0 ? null : await hold(inspector, graph.idOf(node));
    if (objectId) held.set(node, objectId);
  }
  return held;
}

async function stillPending(
  inspector: Inspector,
  promises: ReadonlyMap<number, string>,
): Promise<Set<number>> {
  const answers = await Promise.all(
    [...promises].map(async ([node, objectId]) =>
      (await isPending(inspector, objectId)) ? node : -1,
    ),
  );
  return new Set(answers.filter((node) => node >= 0));
}
