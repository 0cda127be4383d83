/**
 * The awaits that never resolve, named from outside an unmodified Node process.
 *
 * One heap snapshot tells who waits for what; the same promises are asked again two seconds later,
 * so that what is only busy is not called stuck.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { HanglabError } from '../errors.ts';
import {
  hold,
  isPending,
  type LiveFunction,
  type Local,
  liveFunction,
  localsOf,
  releaseAll,
} from './frames.ts';
import type { Inspector } from './inspector.ts';
import type { Standing } from './locks.ts';
import { orphansAmong } from './orphans.ts';
import { type Suspended, suspendedFunctions } from './promises.ts';
import { type OpenRequest, openRequests, requestsOf } from './requests.ts';
import { followScripts, offsetAt, type Scripts } from './scripts.ts';
import type { Settler } from './settlers.ts';
import { type HeapGraph, takeSnapshot } from './snapshot.ts';
import type { Frame } from './types.ts';
import { settlersByPromise, type WaitGraph, waitGraph } from './waitgraph.ts';

/** Between the two looks: a promise still pending after it is called stuck. */
const SETTLE_MS = 2000;
/** A heap beyond this freezes its process for seconds, so it is looked at only when asked for. */
export const MAX_HEAP_BYTES = 150e6;
/** Functions that are asked one by one; of more, some of each kind. */
const MAX_ASKED = 400;
const MAX_ASKED_OF_A_KIND = 20;

/** A suspended function, all about it. */
export interface Stuck {
  node: number;
  frame: Frame;
  source: Standing;
  settlers: Settler[];
  requests: OpenRequest[];
  locals: Local[];
  /** How many stand as this one does, itself included. */
  count: number;
}

export interface Awaits {
  stuck: Map<number, Stuck>;
  waits: WaitGraph;
  graph: HeapGraph;
  open: OpenRequest[];
  /** Those among them that nothing of the program can reach any more. */
  orphans: OpenRequest[];
  /** Suspended functions that were asked, and how many of them had gone on after two seconds. */
  asked: number;
  moved: number;
  suspended: number;
  frozenMs: number;
  heapNodes: number;
}

/**
 * Looks at every suspended function of the process.
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
  const { graph, frozenMs } = await takeSnapshot(inspector, 120_000);
  const snapshotAt = performance.now();
  try {
    const suspended = suspendedFunctions(graph);
    const settlers = settlersByPromise(graph, suspended);
    const asked = await ask(inspector, graph, scripts, sampled(graph, suspended, settlers));
    await sleep(Math.max(0, SETTLE_MS - (performance.now() - snapshotAt)));
    const still = await Promise.all(
      asked.map(async ({ promiseId }) => promiseId === null || isPending(inspector, promiseId)),
    );
    const standing = asked.filter((_, i) => still[i]);
    const waits = waitGraph(
      graph,
      standing.map(({ source }) => source),
      settlers,
    );
    const open = await openRequests(inspector, graph);
    const openByNode = new Map(open.map((request) => [request.node, request]));
    const stuck = new Map<number, Stuck>();
    for (const { source, frame, count, live } of standing) {
      stuck.set(source.node, {
        node: source.node,
        frame,
        source,
        count,
        settlers: waits.waiters.get(source.node)?.settlers ?? [],
        requests: requestsOf(graph, source, openByNode),
        locals: live.scopesId ? await localsOf(inspector, live.scopesId) : [],
      });
    }
    return {
      stuck,
      waits,
      graph,
      open,
      orphans: orphansAmong(graph, open),
      asked: asked.length,
      moved: asked.length - standing.length,
      suspended: suspended.length,
      frozenMs,
      heapNodes: graph.nodeCount,
    };
  } finally {
    await releaseAll(inspector);
  }
}

interface Sampled extends Suspended {
  count: number;
}

/** All of them when they are few; else some of each kind, each standing for its share. */
function sampled(
  graph: HeapGraph,
  suspended: readonly Suspended[],
  settlers: ReadonlyMap<number, Settler[]>,
): Sampled[] {
  if (suspended.length <= MAX_ASKED) return suspended.map((each) => ({ ...each, count: 1 }));
  const kinds = Map.groupBy(suspended, ({ closure, name, awaited }) => {
    const { scriptId, line, column } = graph.locationOf(closure) ?? {};
    const waitsFor = (settlers.get(awaited) ?? []).map(({ kind, path }) => `${kind} ${path}`);
    return [name, scriptId, line, column, ...new Set(waitsFor)].join();
  });
  return [...kinds.values()].flatMap((kind) => {
    const some = kind.slice(0, MAX_ASKED_OF_A_KIND);
    const extra = kind.length - some.length;
    return some.map((each, i) => ({ ...each, count: i === 0 ? 1 + extra : 1 }));
  });
}

interface Asked {
  source: Standing;
  frame: Frame;
  count: number;
  live: LiveFunction;
  promiseId: string | null;
}

async function ask(
  inspector: Inspector,
  graph: HeapGraph,
  scripts: Scripts,
  functions: readonly Sampled[],
): Promise<Asked[]> {
  const asked = await Promise.all(
    functions.map(async (each): Promise<Asked | null> => {
      const live = await liveFunction(inspector, graph.idOf(each.node));
      if (!live) return null;
      const promiseId = each.awaited < 0 ? null : await hold(inspector, graph.idOf(each.awaited));
      if (each.awaited >= 0 && promiseId === null) return null;
      const place = await scripts.place(live.location);
      const { before, from } = await cut(scripts, live);
      return {
        source: { ...each, before, from },
        frame: { function: each.name || '(anonymous)', ...place },
        count: each.count,
        live,
        promiseId,
      };
    }),
  );
  return asked.filter((each) => each !== null);
}

/** The function's text before and from where it stands. */
async function cut(
  scripts: Scripts,
  { location, source }: LiveFunction,
): Promise<{ before: string; from: string }> {
  const text = await scripts.textOf(location.scriptId);
  const at = offsetAt(text, location.line, location.column);
  const begin = text.lastIndexOf(source, at);
  if (begin < 0) return { before: '', from: text.slice(at, at + 200) };
  return { before: text.slice(begin, at), from: text.slice(at, begin + source.length) };
}
