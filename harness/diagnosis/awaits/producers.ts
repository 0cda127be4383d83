/** Which async functions can make the promise that a call returns: those it is, or hands on. */

import { pathValueOf, type Scope, scopeAround } from '../heap/scope.ts';
import type { HeapGraph } from '../heap/snapshot.ts';
import type { Scripts } from '../inspector/scripts.ts';

export interface Producers {
  /** The closures of async functions, each of which may be suspended for this promise. */
  closures: ReadonlySet<number>;
  /** False when others may make it too, as far as can be read. */
  areAll: boolean;
}

const UNKNOWN: Producers = { closures: new Set(), areAll: false };
const MAX_DEPTH = 5;

/** @param path what is called, as the source says it: `house.ingest`. */
export async function producersOf(
  graph: HeapGraph,
  scripts: Scripts,
  scope: Scope,
  path: string | null,
  depth = 0,
): Promise<Producers> {
  const closure = path === null ? -1 : pathValueOf(graph, scope, path);
  if (closure < 0 || graph.typeOf(closure) !== 'closure' || depth > MAX_DEPTH) return UNKNOWN;
  const place = graph.locationOf(closure);
  const text = place && (await scripts.functionAt({ ...place, scriptId: String(place.scriptId) }));
  if (!text) return UNKNOWN;
  const around = scopeAround(graph, closure);
  // An async function that returns a promise has ended: whoever made that one is suspended in its place.
  const handedOn = await Promise.all(
    text.returned.map((call) => producersOf(graph, scripts, around, call, depth + 1)),
  );
  return {
    closures: new Set([
      ...(text.isAsync ? [closure] : []),
      ...handedOn.flatMap(({ closures }) => [...closures]),
    ]),
    areAll: handedOn.every(({ areAll }) => areAll) && (text.isAsync || handedOn.length > 0),
  };
}
