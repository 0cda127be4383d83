/**
 * The suspended functions of an unmodified Node process, and the requests that callbacks are to answer, gathered from
 * outside it.
 *
 * One heap snapshot tells who waits for what; the process goes on as soon as it is written. The same promises and
 * requests are asked again a while later, so that what is only busy is not called stuck.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { HanglabError } from '../../platform/errors.ts';
import type { Local } from '../diagnosis.ts';
import type { AwaitFacts } from '../facts/await-facts.ts';
import { answerersOf } from '../heap/answerers.ts';
import { withFeeders } from '../heap/feeders.ts';
import { type Found, whoSettles } from '../heap/resolvers.ts';
import type { HeapGraph } from '../heap/snapshot.ts';
import { type Suspended, suspendedFunctions } from '../heap/suspended.ts';
import { localsOf } from '../inspector/locals.ts';
import { pauseProcess } from '../inspector/pause.ts';
import { liveFunction } from '../inspector/remote-objects.ts';
import { followScripts, type Scripts } from '../inspector/scripts.ts';
import type { Inspector } from '../inspector/session.ts';
import { callbackPlaces } from './callback-places.ts';
import { type Connections, readConnections } from './connections.ts';
import { connectionFacts, functionFacts, peerFacts, requestFacts, type Seen } from './describe.ts';
import { awaitQuiet } from './freeze-limit.ts';
import { lockFacts } from './lock-facts.ts';
import { type OpenRequests, openRequests } from './open-requests.ts';
import { placesOf } from './placing.ts';
import { pendingPromises } from './second-look.ts';
import { takeSnapshot } from './take-snapshot.ts';

/** Between the two looks: longer than a healthy step takes, short enough to be waited for. */
export const APART_MS = 2000;
/** A heap beyond this freezes its process for seconds (5 to 6 s at 1.5 million objects), so it has to be asked for. */
export const MAX_HEAP_BYTES = 150e6;
const SNAPSHOT_MS = 120_000;
/** Questions after the snapshot cost the process no more than this part of the snapshot's own time. */
const ASKING_SHARE = 0.15;

export interface AwaitLook {
  facts: Omit<AwaitFacts, 'askedPath' | 'socketsAfter' | 'locals'>;
  /** The snapshot, and the walks over the heap after it. */
  frozenMs: number;
  locals(id: number): Promise<Local[]>;
}

/**
 * Looks at every suspended function of the process. What it takes hold of there is the caller's to let
 * go of, by `releaseAll`.
 * @param isOwn whether hanglab itself has started it: nobody else waits for its answers.
 * @throws HanglabError `heap-too-large`, `machine-too-slow` unless `heap` is set, when the look would freeze it for long.
 */
export async function inspectAwaits(
  inspector: Inspector,
  {
    heap = false,
    isOwn = false,
    apartMs = APART_MS,
    signal,
  }: { heap?: boolean; isOwn?: boolean; apartMs?: number; signal?: AbortSignal } = {},
): Promise<AwaitLook> {
  const { usedSize } = await inspector.send('Runtime.getHeapUsage');
  if (usedSize > MAX_HEAP_BYTES && !heap) {
    throw new HanglabError(
      'heap-too-large',
      `The heap holds ${Math.round(usedSize / 1e6)} MB: looking into it would freeze the process for ` +
        'seconds and double its memory. Add --heap to look into it anyway.',
    );
  }
  const spared = heap || isOwn;
  const busyMs = spared ? 0 : await awaitQuiet(inspector, usedSize, signal);
  const scripts = await followScripts(inspector);
  const { graph, connections, frozenMs } = await snapshotWhilePaused(inspector);
  const snapshotAt = performance.now();
  const { seen, requests, askedMs } = await understand(inspector, scripts, graph, connections, {
    askingMs: ASKING_SHARE * frozenMs,
  });
  await sleep(Math.max(0, apartMs - (performance.now() - snapshotAt)), undefined, { signal });
  const again = await lookAgain(inspector, seen, requests, connections);
  const functions = functionFacts(seen, again.later);
  return {
    facts: {
      functions,
      locks: lockFacts(
        graph,
        functions,
        seen.placed.map(({ source }) => source),
      ),
      requests: requestFacts(seen, again.later),
      connections: connectionFacts(seen, again.later),
      peers: peerFacts(seen, functions),
      apartMs,
    },
    frozenMs: busyMs + frozenMs + askedMs + again.askedMs,
    async locals(id) {
      // Each is one more walk over the heap.
      const live = await liveFunction(inspector, graph.idOf(id)).catch(() => null);
      return live?.scopesId ? localsOf(inspector, live.scopesId).catch(() => []) : [];
    },
  };
}

/** Connections and heap of one moment. The process goes on as soon as it has written them, and not when they have been read. */
async function snapshotWhilePaused(
  inspector: Inspector,
): Promise<{ graph: HeapGraph; connections: Connections; frozenMs: number }> {
  await using paused = await pauseProcess(inspector);
  const connections = await readConnections(inspector);
  if (paused.isOver()) {
    throw new HanglabError(
      'machine-too-slow',
      'The machine is so slow that the process was let go before it had been looked at. Look again when it is quieter.',
    );
  }
  const snapshot = takeSnapshot(inspector, SNAPSHOT_MS);
  const [graph, frozenMs] = await Promise.all([snapshot, paused.goOn()]);
  return { graph, connections, frozenMs };
}

/** What the snapshot says, and where the functions are in their sources. */
async function understand(
  inspector: Inspector,
  scripts: Scripts,
  graph: HeapGraph,
  connections: Connections,
  { askingMs }: { askingMs: number },
): Promise<{ seen: Seen; requests: OpenRequests; askedMs: number }> {
  const suspended = suspendedFunctions(graph);
  const byNode = new Map(suspended.map((each) => [each.node, each]));
  const settlers = settlersByPromise(graph, suspended, byNode);
  const requests = await openRequests(inspector, graph);
  const open = requests.all;
  const answerers = new Map(open.map((each) => [each.node, answerersOf(graph, each, byNode)]));
  const resolvers = new Map(
    [...settlers].map(([promise, { resolvers: them }]) => [promise, them] as const),
  );
  const serving = new Set([...answerers.values()].flatMap(({ functions }) => functions));
  const { placed, askedMs } = await placesOf(inspector, graph, scripts, suspended, resolvers, {
    askingMs,
    serving,
  });
  const callbacks = await callbackPlaces(graph, scripts, open, answerers);
  const { clockMs } = connections;
  const seen: Seen = {
    graph,
    clockMs,
    placed,
    settlers,
    open,
    answerers,
    callbacks,
    connections: await connections.among(graph),
  };
  return { seen, requests, askedMs };
}

/** Those that wait for the same promise share the walk. */
function settlersByPromise(
  graph: HeapGraph,
  suspended: readonly Suspended[],
  byNode: ReadonlyMap<number, Suspended>,
): Map<number, Found> {
  const awaited = new Set(suspended.map((each) => each.awaited).filter((promise) => promise >= 0));
  return new Map(
    [...awaited].map((promise) => [
      promise,
      withFeeders(graph, whoSettles(graph, promise, byNode), byNode),
    ]),
  );
}

async function lookAgain(
  inspector: Inspector,
  { graph, settlers, open, connections: first }: Seen,
  requests: OpenRequests,
  connections: Connections,
) {
  const { moved, messages } = await connections.again();
  const askingAt = performance.now();
  const pending = await pendingPromises(inspector, graph, new Set(settlers.keys()));
  const endedHttp2 = await requests.endedHttp2();
  const askedMs = performance.now() - askingAt;
  const carried = new Map(first.map(({ id, message }) => [message, id]));
  // One whose connection could not be followed is taken to be open still.
  const endedHttp1 = open
    .map(({ node }) => node)
    .filter((node) => carried.has(node) && !messages.has(graph.idOf(node)));
  return {
    later: {
      pendingPromises: pending,
      endedRequests: new Set([...endedHttp1, ...endedHttp2]),
      movedConnections: new Set([...moved].map((id) => graph.nodeOf(id))),
    },
    askedMs,
  };
}
