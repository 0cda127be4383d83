/** Which async functions can make the promise that a call returns: those it is, or hands on. */
import { pathValueOf, type Scope, scopeAround } from './scope.ts';
import type { Scripts } from './scripts.ts';
import type { HeapGraph } from './snapshot.ts';

const MAX_DEPTH = 5;

/**
 * @param path what is called, as the source says it: `house.ingest`.
 * @returns the closures of async functions; null when another may make the promise too.
 */
export async function producersOf(
  graph: HeapGraph,
  scripts: Scripts,
  scope: Scope,
  path: string | null,
  depth = 0,
): Promise<ReadonlySet<number> | null> {
  const closure = path === null ? -1 : pathValueOf(graph, scope, path);
  if (closure < 0 || graph.typeOf(closure) !== 'closure' || depth > MAX_DEPTH) return null;
  const place = graph.locationOf(closure);
  const text = place && (await scripts.functionAt({ ...place, scriptId: String(place.scriptId) }));
  if (!text) return null;
  if (text.isAsync) return new Set([closure]);
  const { returned } = text;
  if (returned.length === 0) return null;
  const around = scopeAround(graph, closure);
  const handedOn = new Set<number>();
  for (const call of returned) {
    const makers = await producersOf(graph, scripts, around, call, depth + 1);
    if (!makers) return null;
    for (const maker of makers) handedOn.add(maker);
  }
  return handedOn;
}
