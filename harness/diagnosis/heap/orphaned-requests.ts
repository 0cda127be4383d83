/**
 * Requests that no code will ever answer: their response is reachable through its own connection
 * only. The function that should have answered waited for a promise that nobody held any more, and
 * was collected together with it.
 */

import type { OpenResponse } from './open-requests.ts';
import type { HeapGraph } from './snapshot.ts';
import { isModuleContext } from './suspended.ts';

/** A connection keeps its response, and whoever keeps the connection cannot answer for that. */
const CONNECTION =
  /^(Socket|TLSSocket|HTTPParser|TCP|TLSWrap|Pipe|Server|HTTPServerAsyncResource|(Server)?Http2(Session|Stream))$/;
const NOT_HOLDING = /^(map|__proto__|prototype|constructor|shared|\d+ \/ part of key.*)$/;
const MAX_VISITED = 1500;

export function orphansAmong(graph: HeapGraph, open: readonly OpenResponse[]): OpenResponse[] {
  return open.filter(({ node }) => !isHeld(graph, node));
}

/** Whether a suspended function, a timer, a module's variable or the runtime itself can reach it. */
function isHeld(graph: HeapGraph, response: number): boolean {
  const seen = new Set([response]);
  for (const node of seen) {
    // Whatever holds so much is the program at large.
    if (seen.size > MAX_VISITED) return true;
    for (const { from, name } of graph.edgesTo(node)) {
      if (NOT_HOLDING.test(name) || graph.typeOf(from) === 'code') continue;
      if (CONNECTION.test(graph.nameOf(from))) continue;
      if (
        graph.typeOf(from) === 'synthetic' ||
        isModuleContext(graph, from) ||
        /^(Timeout|Immediate)$/.test(graph.nameOf(from)) ||
        graph.follow(from, 'parameters_and_registers') >= 0
      ) {
        return true;
      }
      seen.add(from);
    }
  }
  return false;
}
