/** Values of an object's fields, as a snapshot with numbers shows them. */
import type { HeapGraph } from './snapshot.ts';

/** A field that holds a number; null where it holds none. */
export function numberOf(graph: HeapGraph, node: number, field: string): number | null {
  const at = node < 0 ? -1 : graph.follow(node, field);
  return at < 0 ? null : numberAt(graph, at);
}

function numberAt(graph: HeapGraph, node: number): number | null {
  if (graph.typeOf(node) !== 'number') return null;
  const text = graph.follow(node, 'value');
  const value = text < 0 ? Number.NaN : Number(graph.nameOf(text));
  return Number.isFinite(value) ? value : null;
}

/** A field that holds a text, also one that was put together of others; empty where it holds none. */
export function textOf(graph: HeapGraph, node: number, field: string, depth = 0): string {
  const at = node < 0 ? -1 : graph.follow(node, field);
  if (at < 0 || depth > MAX_DEPTH) return '';
  const type = graph.typeOf(at);
  if (type === 'string') return graph.nameOf(at);
  if (type !== 'concatenated string') return '';
  return textOf(graph, at, 'first', depth + 1) + textOf(graph, at, 'second', depth + 1);
}

/** Of a text that was put together piece by piece. */
const MAX_DEPTH = 200;

/** The engine has one `true` and one `false` for all; only its roots tell which nodes they are. */
const oddballs = new WeakMap<HeapGraph, { true: Set<number>; false: Set<number> }>();

function oddballsOf(graph: HeapGraph): { true: Set<number>; false: Set<number> } {
  const known = oddballs.get(graph);
  if (known) return known;
  const found = { true: graph.nodesTo('true_value'), false: graph.nodesTo('false_value') };
  oddballs.set(graph, found);
  return found;
}

/** Whether a field holds `true`, or `false`; null where it holds neither. */
export function truthOf(graph: HeapGraph, node: number, field: string): boolean | null {
  const at = node < 0 ? -1 : graph.follow(node, field);
  if (at < 0) return null;
  const { true: yes, false: no } = oddballsOf(graph);
  return yes.has(at) ? true : no.has(at) ? false : null;
}
