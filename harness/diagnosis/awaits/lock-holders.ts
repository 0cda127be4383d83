/**
 * Who holds a lock, read from the source of suspended functions: V8 knows who waits in a lock's queue,
 * but a permit that was handed out leaves no trace in the heap. Its holder is a function that is suspended
 * *after* an `await` of the same call on the same object, and has not given it back yet.
 */

import type { Call } from '../facts/await-facts.ts';
import { scopeOf, variableOf } from '../heap/scope.ts';
import type { HeapGraph } from '../heap/snapshot.ts';
import { isModuleContext, type Suspended } from '../heap/suspended.ts';

/** A suspended function with its text cut at the place where it is suspended. */
export interface SuspensionPoint extends Suspended {
  /** The function's text before, and from, the `await` at which it is suspended. */
  before: string;
  from: string;
}

const RELEASE = /\b(release|unlock|signal|leave|free|giveBack|dispose|put|up|return\w*)\s*\(/i;

/** The call that a function awaits, when it is one on a plain path: `null` for `await promise`. */
export function awaitedCall(from: string): Call | null {
  const match = /^await\s+(?:(this|[\w$]+)((?:\??\.#?[\w$]+)*)\??\.)?(#?[\w$]+)\s*\(/.exec(from);
  if (!match?.[3]) return null;
  return { receiver: `${match[1] ?? ''}${match[2] ?? ''}`.replaceAll('?', ''), method: match[3] };
}

/** The name of what is called, also where the path to it is no plain one; empty when no call is awaited. */
export function awaitedName(from: string): string {
  return /^await\s+[\w$.#?]*?(#?[\w$]+)\s*\(/.exec(from)?.[1] ?? '';
}

/** Whether what is awaited is returned as it is. */
export function handsOn(before: string): boolean {
  return /\breturn\s*\(?\s*$/.test(before);
}

/** Whether `candidate` has been given `lock` by one of these calls and has not given it back. */
export function holds(
  graph: HeapGraph,
  candidate: SuspensionPoint,
  lock: number,
  calls: readonly Call[],
): boolean {
  return calls.some(({ receiver, method }) => {
    const call = new RegExp(
      receiver === ''
        ? `(?<![.\\w$])${escaped(method)}\\s*\\(`
        : `(this|[\\w$]+)((?:\\??\\.#?[\\w$]+)*)\\??\\.${escaped(method)}\\s*\\(`,
      'g',
    );
    const last = [...candidate.before.matchAll(call)]
      .filter(([, base, rest]) => {
        if (base === undefined) return true;
        const path = `${base}${rest}`.replaceAll('?', '');
        const isLock = reaches(graph, candidate, path, lock);
        // What the heap does not show, the name may: `house.engine` beside `engine`.
        if (isLock === null)
          return isLocal(graph, candidate.node, lock) || lastOf(path) === lastOf(receiver);
        return isLock;
      })
      .at(-1);
    if (!last) return false;
    const since = candidate.before.slice(last.index + last[0].length);
    return !RELEASE.test(withoutClosures(since));
  });
}

/** Whether the function's text names `object`, or calls one of the closures that keep it. */
export function mentions(graph: HeapGraph, candidate: SuspensionPoint, object: number): boolean {
  const text = candidate.before + candidate.from;
  const paths = new Set(text.match(/(?:\bthis|[A-Za-z_$][\w$]*)(?:\.#?[\w$]+)*/g));
  return [...paths].some((path) => reaches(graph, candidate, path, object) === true);
}

/**
 * Whether `path`, as this function would evaluate it, is `object` or passes through it; null when
 * the heap does not show it: locals that no closure captures have no name there, and getters no value.
 */
function reaches(
  graph: HeapGraph,
  candidate: Suspended,
  path: string,
  object: number,
): boolean | null {
  const [base = '', ...fields] = path.split('.');
  let at = variableOf(graph, scopeOf(graph, candidate), base);
  if (at < 0) return null;
  for (const field of fields) {
    if (keeps(graph, at, object)) return true;
    at = graph.follow(at, field);
    if (at < 0) return null;
  }
  return keeps(graph, at, object);
}

/** It is the object, or a closure around it, or a record of such closures. */
export function keeps(graph: HeapGraph, at: number, object: number): boolean {
  if (at === object || isClosureAround(graph, at, object)) return true;
  if (graph.typeOf(at) !== 'object') return false;
  for (const { type, to } of graph.edgesFrom(at)) {
    if (type === 'property' && isClosureAround(graph, to, object)) return true;
  }
  return false;
}

function isClosureAround(graph: HeapGraph, closure: number, object: number): boolean {
  if (graph.typeOf(closure) !== 'closure') return false;
  const context = graph.follow(closure, 'context');
  if (context < 0 || isModuleContext(graph, context)) return false;
  for (const { type, to } of graph.edgesFrom(context)) {
    if (type === 'context' && to === object) return true;
  }
  return false;
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}

function isLocal(graph: HeapGraph, node: number, object: number): boolean {
  const registers = graph.follow(node, 'parameters_and_registers');
  for (const edge of graph.edgesFrom(registers)) if (edge.to === object) return true;
  return false;
}

/** A release in a callback has not run just because the text has passed it. */
function withoutClosures(text: string): string {
  return text.replace(/=>\s*(\{[^{}]*\}|[^,;)]*\)?)/g, '=> _');
}

function escaped(text: string): string {
  return text.replace(/[$#]/g, '\\$&');
}
