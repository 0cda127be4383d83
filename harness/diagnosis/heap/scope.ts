/** The values that a function's names have, as far as the heap tells. */

import type { HeapGraph } from './snapshot.ts';
import { CONTEXT, type Suspended } from './suspended.ts';

/** From what a function's names are resolved: its contexts, and `this` (-1 when it has none). */
export interface Scope {
  contexts: readonly number[];
  receiver: number;
  /** Parameters by name; those that a closure captures stand in a context instead. */
  parameters: ReadonlyMap<string, number>;
}

const NONE: ReadonlyMap<string, number> = new Map();

/**
 * Of a suspended function, whose blocks keep contexts of their own among its registers, and whose
 * parameters stand before these.
 * @param names of its parameters in order, as far as its source is known.
 */
export function scopeOf(
  graph: HeapGraph,
  { node, receiver }: Suspended,
  names: readonly (string | null)[] = [],
): Scope {
  const registers = [...graph.edgesFrom(graph.follow(node, 'parameters_and_registers'))];
  const blocks = registers.map(({ to }) => to).filter((to) => graph.nameOf(to) === CONTEXT);
  const parameters = names.flatMap((name, i): [string, number][] => {
    const value = registers.find((edge) => edge.name === String(i))?.to;
    return name !== null && value !== undefined ? [[name, value]] : [];
  });
  const contexts = [graph.follow(node, 'context'), ...blocks];
  return { contexts, receiver, parameters: new Map(parameters) };
}

/** Of a function that is not running: what stands around it. */
export function scopeAround(graph: HeapGraph, closure: number): Scope {
  return { contexts: [graph.follow(closure, 'context')], receiver: -1, parameters: NONE };
}

/**
 * What `this`, a parameter, or a variable that some closure captures, is: innermost context first. -1 when
 * the heap does not show it: other locals have no name there, and imports neither.
 */
export function variableOf(
  graph: HeapGraph,
  { contexts, receiver, parameters }: Scope,
  name: string,
): number {
  if (name === 'this') return receiver;
  const parameter = parameters.get(name);
  if (parameter !== undefined) return parameter;
  for (const innermost of contexts) {
    for (let at = innermost; at >= 0; at = graph.follow(at, 'previous')) {
      for (const edge of graph.edgesFrom(at)) {
        if (edge.type === 'context' && edge.name === name) return edge.to;
      }
    }
  }
  return -1;
}

/** What `house.lanes.run` is in this scope; -1 when the heap does not show it, as of a getter. */
export function pathValueOf(graph: HeapGraph, scope: Scope, path: string): number {
  const [base = '', ...fields] = path.split('.');
  let at = variableOf(graph, scope, base);
  for (const field of fields) {
    if (at < 0) return -1;
    at = fieldOf(graph, at, field);
  }
  return at;
}

/** An own field, or one that its class or prototypes give it. */
function fieldOf(graph: HeapGraph, object: number, field: string): number {
  for (let at = object; at >= 0; at = graph.follow(at, '__proto__')) {
    const value = graph.follow(at, field);
    if (value >= 0) return value;
  }
  return -1;
}
