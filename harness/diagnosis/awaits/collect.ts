/**
 * The suspended functions of an unmodified Node process, gathered from outside it.
 *
 * One heap snapshot tells who waits for what; the same promises are asked again a while later, so that what is
 * only busy is not called stuck. What more a rule wants to know of them is asked afterwards.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { HanglabError } from '../../platform/errors.ts';
import { redact } from '../../platform/redact.ts';
import type { Local } from '../diagnosis.ts';
import type {
  AwaitFacts,
  OpenRequest,
  Peer,
  Resolver,
  SuspendedFunction,
} from '../facts/await-facts.ts';
import { type OpenResponse, requestsOf } from '../heap/open-requests.ts';
import { orphansAmong } from '../heap/orphaned-requests.ts';
import { resolversOf } from '../heap/resolvers.ts';
import type { HeapGraph } from '../heap/snapshot.ts';
import { type Suspended, suspendedFunctions } from '../heap/suspended.ts';
import { localsOf } from '../inspector/locals.ts';
import { pauseProcess } from '../inspector/pause.ts';
import { liveFunction } from '../inspector/remote-objects.ts';
import { followScripts, type Scripts } from '../inspector/scripts.ts';
import type { Inspector } from '../inspector/session.ts';
import { type Connection, connectionsOf } from './connections.ts';
import { lockFacts } from './lock-facts.ts';
import { awaitedCall, awaitedName, handsOn } from './lock-holders.ts';
import { openRequests } from './open-requests.ts';
import { peerOf } from './peers.ts';
import { type Placed, placesOf } from './placing.ts';
import { awaitedPromises, stillPending } from './second-look.ts';
import { takeSnapshot } from './take-snapshot.ts';

/** Between the two looks: longer than a healthy step takes, short enough to be waited for. */
export const APART_MS = 2000;
/** A heap beyond this freezes its process for seconds (5 to 6 s at 1.5 million objects), so it has to be asked for. */
export const MAX_HEAP_BYTES = 150e6;
const SNAPSHOT_MS = 120_000;

export interface AwaitLook {
  facts: Pick<AwaitFacts, 'functions' | 'locks' | 'requests' | 'apartMs'>;
  /** The snapshot, and the walks over the heap after it. */
  frozenMs: number;
  peer(id: number): Promise<Peer | null>;
  locals(id: number): Promise<Local[]>;
}

/**
 * Looks at every suspended function of the process. What it takes hold of there is the caller's to let
 * go of, by `releaseAll`.
 * @throws HanglabError `heap-too-large` unless `heap` is set, when the look would freeze it for long.
 */
export async function inspectAwaits(
  inspector: Inspector,
  {
    heap = false,
    apartMs = APART_MS,
    signal,
  }: { heap?: boolean; apartMs?: number; signal?: AbortSignal } = {},
): Promise<AwaitLook> {
  const { usedSize } = await inspector.send('Runtime.getHeapUsage');
  if (usedSize > MAX_HEAP_BYTES && !heap) {
    throw new HanglabError(
      'heap-too-large',
      `The heap holds ${Math.round(usedSize / 1e6)} MB: looking into it would freeze the process for ` +
        'seconds and double its memory. Add --heap to look into it anyway.',
    );
  }
  const scripts = await followScripts(inspector);
  const { graph, placed, resolvers, open, connections, snapshotAt, ...held } =
    await lookWhilePaused(inspector, scripts);
  const askingAt = performance.now();
  // What has gone on by now is not found any more, and is not stuck.
  const promises = await awaitedPromises(
    inspector,
    graph,
    new Set(placed.map(({ source }) => source.awaited)),
  );
  const askedMs = performance.now() - askingAt;
  await sleep(Math.max(0, apartMs - (performance.now() - snapshotAt)), undefined, { signal });
  const pending = await stillPending(inspector, promises);
  const functions = describe(graph, placed, resolvers, open, pending);
  const sources = placed.map(({ source }) => source);
  return {
    facts: {
      functions,
      locks: lockFacts(graph, functions, sources),
      requests: requestFacts(graph, open, connections),
      apartMs,
    },
    frozenMs: held.frozenMs + askedMs,
    peer: (id) => peerOf(inspector, graph, connections, id),
    async locals(id) {
      // Each is one more walk over the heap.
      const live = await liveFunction(inspector, graph.idOf(id)).catch(() => null);
      return live?.scopesId ? localsOf(inspector, live.scopesId).catch(() => []) : [];
    },
  };
}

/** All of one moment: nothing of the process moves between the snapshot and what is asked about it. */
async function lookWhilePaused(inspector: Inspector, scripts: Scripts) {
  const pausedAt = performance.now();
  await using _paused = await pauseProcess(inspector);
  const graph = await takeSnapshot(inspector, SNAPSHOT_MS);
  const snapshotAt = performance.now();
  const suspended = suspendedFunctions(graph);
  const resolvers = resolversByPromise(graph, suspended);
  const placed = await placesOf(inspector, graph, scripts, suspended, resolvers);
  const connections = await connectionsOf(inspector, graph);
  const open = await openRequests(inspector, graph);
  const frozenMs = performance.now() - pausedAt;
  return { graph, snapshotAt, resolvers, placed, connections, open, frozenMs };
}

/** Those that wait for the same promise share the walk. */
function resolversByPromise(
  graph: HeapGraph,
  suspended: readonly Suspended[],
): Map<number, Resolver[]> {
  const byNode = new Map(suspended.map((each) => [each.node, each]));
  const awaited = new Set(
    suspended.map(({ awaited }) => awaited).filter((promise) => promise >= 0),
  );
  return new Map([...awaited].map((promise) => [promise, resolversOf(graph, promise, byNode)]));
}

function describe(
  graph: HeapGraph,
  placed: readonly Placed[],
  resolvers: ReadonlyMap<number, Resolver[]>,
  open: readonly OpenResponse[],
  pending: ReadonlySet<number>,
): SuspendedFunction[] {
  const openByNode = new Map(open.map((each) => [each.node, each]));
  return placed.map(({ source, frame }) => ({
    id: source.node,
    frame,
    receiver: source.receiver >= 0 ? source.receiver : null,
    isAtYield: source.awaited < 0,
    call: awaitedCall(source.from),
    callName: awaitedName(source.from),
    handsOn: handsOn(source.before),
    isRead: source.from !== '',
    resolvers: (resolvers.get(source.awaited) ?? []).filter(
      ({ kind, id }) => kind !== 'frame' || id !== source.node,
    ),
    requests: requestsOf(graph, source, openByNode).map(({ node }) => node),
    // One that is suspended at a `yield` awaits nothing: it does not go on by itself.
    hasMoved: source.awaited >= 0 && !pending.has(source.awaited),
  }));
}

function requestFacts(
  graph: HeapGraph,
  open: readonly OpenResponse[],
  connections: readonly Connection[],
): OpenRequest[] {
  const ports = new Map(connections.map(({ message, remotePort }) => [message, remotePort]));
  const orphans = new Set(orphansAmong(graph, open).map(({ node }) => node));
  return open.map(({ node, method, path }) => ({
    id: node,
    method: redact(method),
    path: redact(path),
    clientPort: ports.get(node) ?? null,
    isOrphan: orphans.has(node),
  }));
}
