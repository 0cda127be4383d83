/** Where a function is suspended in its text, and the text before and after that place. */

import type { Resolver } from '../facts/await-facts.ts';
import { pathValueOf, type Scope, scopeOf } from '../heap/scope.ts';
import type { HeapGraph } from '../heap/snapshot.ts';
import type { Suspended } from '../heap/suspended.ts';
import type { LiveFunction, RawLocation } from '../inspector/remote-objects.ts';
import type { Scripts } from '../inspector/scripts.ts';
import { offsetAt, placeAt } from '../source/text.ts';
import { keeps } from './lock-holders.ts';
import { producersOf } from './producers.ts';

export interface SuspensionText {
  location: RawLocation;
  /** The function's text before, and from, the `await` at which it is suspended. */
  before: string;
  from: string;
}

/** What functions are called that wait for a time. */
const PAUSES = /^(sleep|pause|delay|wait|after|set_?timeout|back_?off)/i;

/**
 * By reading alone: where only one of the function's awaits can be the one. An await that calls the very
 * function whose result it waits for is it; one that calls another async function is not.
 * @param child whose result it awaits, when that is a suspended function.
 * @param resolvers of what it awaits: a timer and nothing else is a call to pause, a list in an object is a call
 * of that object.
 * @returns null when more than one place would do, or the source cannot be read.
 */
export async function readSuspension(
  graph: HeapGraph,
  scripts: Scripts,
  suspended: Suspended,
  child: Suspended | null,
  resolvers: readonly Resolver[],
): Promise<SuspensionText | null> {
  const place = graph.locationOf(suspended.closure);
  if (!place) return null;
  const scriptId = String(place.scriptId);
  const own = await scripts.functionAt({ ...place, scriptId });
  if (!own) return null;
  const kind = suspended.awaited < 0 ? 'yield' : 'await';
  const sites = own.sites.filter((site) => site.kind === kind);
  const scope = scopeOf(graph, suspended, own.parameters);
  const makers = await Promise.all(
    sites.map(({ callee }) => producersOf(graph, scripts, scope, callee)),
  );
  const calls = sites.filter((_, i) => child !== null && makers[i]?.closures.has(child.closure));
  // Two locks of a class share their code.
  const onIts = calls.filter(({ callee }) => {
    const object = objectOf(graph, scope, callee);
    return object >= 0 && object === child?.receiver;
  });
  const possible = sites.filter((site, i) => calls.includes(site) || !makers[i]?.areAll);
  const lists = resolvers.flatMap(({ kind, id }) => (kind === 'object' ? id : []));
  const inLine = possible.filter(({ callee }) => {
    const object = child === null ? objectOf(graph, scope, callee) : -1;
    return object >= 0 && lists.some((list) => keeps(graph, object, list));
  });
  const isTimed = resolvers.length > 0 && resolvers.every(({ kind }) => kind === 'timer');
  const alike = possible.filter(({ callee }) => {
    const name = lastOf(callee) ?? '';
    return child ? child.name !== '' && name === child.name : isTimed && PAUSES.test(name);
  });
  const site = [sites, calls, onIts, possible, inLine, alike].find(
    ({ length }) => length === 1,
  )?.[0];
  if (!site) return null;
  const text = await scripts.textOf(scriptId);
  return {
    location: { scriptId, ...placeAt(text, site.at) },
    before: text.slice(own.begin, site.at),
    from: text.slice(site.at, own.end),
  };
}

/** What `accounts.acquire` is called on; -1 when the heap does not show it. */
function objectOf(graph: HeapGraph, scope: Scope, callee: string | null): number {
  const path = callee?.split('.').slice(0, -1).join('.') ?? '';
  return path === '' ? -1 : pathValueOf(graph, scope, path);
}

/** As the process itself says. */
export async function cut(
  scripts: Scripts,
  { location, source }: LiveFunction,
): Promise<SuspensionText> {
  const text = await scripts.textOf(location.scriptId);
  const at = offsetAt(text, location.line, location.column);
  const begin = text.lastIndexOf(source, at);
  if (begin < 0) return { location, before: '', from: text.slice(at, at + 200) };
  return { location, before: text.slice(begin, at), from: text.slice(at, begin + source.length) };
}

/** `run` of `this.lanes.run`. */
function lastOf(path: string | null): string | null {
  return path?.split('.').at(-1) ?? null;
}
