/**
 * The awaits that never resolve, named from outside an unmodified Node process.
 *
 * One heap snapshot tells who waits for what; the same promises are asked again two seconds later,
 * so that what is only busy is not called stuck.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { HanglabError } from '../../platform/errors.ts';
import type { Frame } from '../diagnosis.ts';
import { type OpenRequest, openRequests, requestsOf } from '../heap/open-requests.ts';
import { orphansAmong } from '../heap/orphaned-requests.ts';
import type { Settler } from '../heap/resolvers.ts';
import { type HeapGraph, takeSnapshot } from '../heap/snapshot.ts';
import { type Suspended, suspendedFunctions } from '../heap/suspended.ts';
import { type Connection, connectionsOf } from '../inspector/connections.ts';
import { instancesOf } from '../inspector/live-instances.ts';
import { standstill } from '../inspector/pause.ts';
import { hold, isPending } from '../inspector/remote-objects.ts';
import { followScripts, type Scripts } from '../inspector/scripts.ts';
import type { Inspector } from '../inspector/session.ts';
import type { Standing } from './lock-holders.ts';
import { type Placed, placesOf } from './placing.ts';
import { settlersByPromise, type WaitGraph, waitGraph } from './wait-graph.ts';

/** Between the two looks: a promise still pending after it is called stuck. */
const SETTLE_MS = 2000;
/** A heap beyond this freezes its process for seconds, so it is looked at only when asked for. */
export const MAX_HEAP_BYTES = 150e6;
/** With more promises than this, only those of the functions that are asked are watched. */
const MAX_PROMISES = 4000;
const HOLDING_MS = 2500;
const SNAPSHOT_MS = 120_000;

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
  const held = await lookWhileHeld(inspector, scripts);
  const { graph, suspended, placed, settlers, open, connections, snapshotAt } = held;
  const askingAt = performance.now();
  // What has gone on by now is not found any more, and is not stuck.
  const promises = await awaitedPromises(inspector, graph, suspended);
  const askedMs = performance.now() - askingAt;
  await sleep(Math.max(0, SETTLE_MS - (performance.now() - snapshotAt)));
  const pending = await stillPending(inspector, promises);
  // One that stands at a `yield` awaits nothing: it does not go on by itself.
  const standing = placed.filter(
    ({ source: { awaited: promise } }) => promise < 0 || pending.has(promise),
  );
  const seen = (functions: readonly Placed[]): Awaits => ({
    ...stuckAmong(graph, functions, placed, settlers, open),
    graph,
    open,
    connections,
    orphans: orphansAmong(graph, open),
    moved: placed.length - standing.length,
    suspended: placed.length,
    frozenMs: held.frozenMs + askedMs,
    get first() {
      first ??= seen(placed);
      return first;
    },
  });
  let first: Awaits | undefined;
  return seen(standing);
}

/** All of one moment: nothing of the process moves between the snapshot and what is asked about it. */
async function lookWhileHeld(inspector: Inspector, scripts: Scripts) {
  const heldAt = performance.now();
  await using _held = await standstill(inspector);
  const graph = await takeSnapshot(inspector, SNAPSHOT_MS);
  const snapshotAt = performance.now();
  const suspended = suspendedFunctions(graph);
  const settlers = settlersByPromise(graph, suspended);
  const placed = await placesOf(inspector, graph, scripts, suspended, settlers);
  return {
    ...{ graph, snapshotAt, suspended, settlers, placed },
    connections: await connectionsOf(inspector, graph),
    open: await openRequests(inspector, graph),
    frozenMs: performance.now() - heldAt,
  };
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
  suspended: readonly Suspended[],
): Promise<Map<number, string>> {
  const awaited = new Set(suspended.map((each) => each.awaited));
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
