/** Where the callbacks are that are to answer a request, and the handler that the server has called for it. */
import type { Frame } from '../diagnosis.ts';
import type { Answerers } from '../heap/answerers.ts';
import { handlersOf } from '../heap/handlers.ts';
import type { OpenResponse } from '../heap/open-requests.ts';
import type { HeapGraph } from '../heap/snapshot.ts';
import type { Scripts } from '../inspector/scripts.ts';
import { originOf } from '../source/origin.ts';
import { placeAt } from '../source/text.ts';

export interface CallbackPlace {
  /** The program's own callback that waits; null where only Node's and packages' do. */
  callback: Frame | null;
  /** The handler, at the line where it hands the response on. */
  handler: Frame | null;
}

/** Beyond this, more of the same would say nothing new. */
const MAX_REQUESTS = 100;

/** Of every request that no suspended function serves. */
export async function callbackPlaces(
  graph: HeapGraph,
  scripts: Scripts,
  open: readonly OpenResponse[],
  answerers: ReadonlyMap<number, Answerers>,
): Promise<Map<number, CallbackPlace>> {
  const found = open.slice(0, MAX_REQUESTS).map(async ({ node, request }) => {
    const { functions = [], callbacks = [] } = answerers.get(node) ?? {};
    const callback =
      functions.length > 0 ? null : await firstOwn(graph, scripts, callbacks.toReversed());
    const handler = callback ? null : await handlerOf(graph, scripts, request);
    return [node, { callback, handler }] as const;
  });
  return new Map(await Promise.all(found));
}

async function firstOwn(
  graph: HeapGraph,
  scripts: Scripts,
  closures: readonly number[],
): Promise<Frame | null> {
  for (const closure of closures) {
    const frame = await frameAt(graph, scripts, closure);
    if (frame?.origin === 'program') return frame;
  }
  return null;
}

/** Of a handler that the program has, the line where it hands the response on to others; else where it begins. */
async function handlerOf(
  graph: HeapGraph,
  scripts: Scripts,
  request: number,
): Promise<Frame | null> {
  for (const closure of handlersOf(graph, request)) {
    const begin = await frameAt(graph, scripts, closure);
    if (begin?.origin !== 'program') continue;
    const location = graph.locationOf(closure);
    const scriptId = String(location?.scriptId);
    const own = location && (await scripts.functionAt({ ...location, scriptId }));
    if (!own || own.answerAt === null) return { ...begin, isBegin: true };
    const text = await scripts.textOf(scriptId);
    return {
      ...begin,
      ...(await scripts.place({ scriptId, ...placeAt(text, own.answerAt) })),
    };
  }
  return null;
}

async function frameAt(graph: HeapGraph, scripts: Scripts, closure: number): Promise<Frame | null> {
  const location = graph.locationOf(closure);
  if (!location) return null;
  const place = await scripts.place({ ...location, scriptId: String(location.scriptId) });
  const origin = originOf(place.file);
  return { function: graph.nameOf(closure) || '(anonymous)', ...place, origin };
}
