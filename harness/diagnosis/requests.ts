/** The requests that a Node process has not answered, and which suspended functions serve them. */
import type { Inspector } from './inspector.ts';
import { instancesOf } from './instances.ts';
import { isModuleContext, type Suspended } from './promises.ts';
import type { HeapGraph } from './snapshot.ts';

export interface OpenRequest {
  /** The response object in the snapshot. */
  node: number;
  method: string;
  /** Path without its query, which may hold what is nobody's business. */
  path: string;
  /** The client's port, by which its connection is known outside. */
  clientPort: number;
}

/** Beyond this, more of the same would say nothing new. */
const MAX_RESPONSES = 500;
const RESPONSES = ['http.ServerResponse', 'http2.Http2ServerResponse'].map((path) => {
  const [module = '', name = ''] = path.split('.');
  const exported = `(globalThis.process?.getBuiltinModule?.('${module}') ?? require('${module}'))`;
  return { name, prototype: `${exported}.${name}.prototype` };
});
const MAX_DEPTH = 3;
const MAX_VISITED = 400;

/** Responses that have been begun by a request and not ended, whose client has not gone either. */
export async function openRequests(inspector: Inspector, graph: HeapGraph): Promise<OpenRequest[]> {
  // Each question walks the heap: only classes that are in it are asked for.
  const present = RESPONSES.filter(({ name }) => graph.objectsNamed(name).length > 0);
  const responses = await Promise.all(
    present.map(({ prototype }) =>
      instancesOf(inspector, { prototype, filter: ONLY_OPEN, limit: MAX_RESPONSES }),
    ),
  );
  const open = await Promise.all(
    responses
      .flatMap((each) => each ?? [])
      .map(async ({ objectId, heapId }): Promise<OpenRequest | null> => {
        const node = graph.nodeOf(heapId);
        const { result } = await inspector.send('Runtime.callFunctionOn', {
          objectId,
          functionDeclaration: READ_RESPONSE,
          returnByValue: true,
          silent: true,
        });
        return node >= 0 && result.value ? { node, ...result.value } : null;
      }),
  );
  return open.filter((request) => request !== null);
}

/** Node's own fields and getters; a prototype, or a response without its request, is none. */
const ONLY_OPEN = `(all) => all
  .filter(({ req, socket, writableEnded, destroyed }) =>
    req && req.method && socket && writableEnded === false && !destroyed)
  .slice(0, ${MAX_RESPONSES})`;

const READ_RESPONSE = `function () {
  const { method, url } = this.req;
  return { method, path: String(url).split('?', 1)[0], clientPort: this.socket.remotePort };
}`;

/** The open requests that each function serves: those it reaches from its own variables. */
export function requestsOf(
  graph: HeapGraph,
  { node, result }: Suspended,
  open: ReadonlyMap<number, OpenRequest>,
): OpenRequest[] {
  if (open.size === 0) return [];
  const start = [graph.follow(node, 'parameters_and_registers'), node];
  // A framework that takes the promise up with `then` keeps the response in the callback.
  if (result >= 0) start.push(...callbackContexts(graph, result));
  const seen = new Set(start);
  const found = new Set<OpenRequest>();
  let ring = start;
  for (let depth = 0; depth <= MAX_DEPTH && seen.size < MAX_VISITED; depth++) {
    const next: number[] = [];
    for (const at of ring) {
      for (const edge of graph.edgesFrom(at)) {
        if (seen.has(edge.to) || !leadsOn(graph, edge.type, edge.name, edge.to, depth)) continue;
        seen.add(edge.to);
        const request = open.get(edge.to);
        if (request) found.add(request);
        else next.push(edge.to);
      }
    }
    // The nearest is its own: what lies behind it may be another's.
    if (found.size > 0) break;
    ring = next;
  }
  return [...found];
}

function leadsOn(graph: HeapGraph, type: string, name: string, to: number, depth: number): boolean {
  if (isModuleContext(graph, to)) return false;
  if (type === 'property') return !/^(__proto__|_events|constructor|next|prev)$/.test(name);
  if (type === 'context') return graph.typeOf(to) === 'object';
  return depth === 0 && type === 'internal' && graph.typeOf(to) === 'object';
}

function callbackContexts(graph: HeapGraph, promise: number): number[] {
  const reaction = graph.follow(promise, 'reactions_or_result');
  if (reaction < 0) return [];
  return [...graph.edgesFrom(reaction)]
    .filter(({ to }) => graph.typeOf(to) === 'closure')
    .map(({ to }) => graph.follow(to, 'context'))
    .filter((context) => context >= 0);
}
