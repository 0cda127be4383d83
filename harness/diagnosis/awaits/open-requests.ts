/** The requests that a Node process has not answered, of HTTP/1 and HTTP/2. */
import { type OpenResponse, openHttp1Responses } from '../heap/open-requests.ts';
import type { HeapGraph } from '../heap/snapshot.ts';
import { instancesOf } from '../inspector/live-instances.ts';
import type { Inspector } from '../inspector/session.ts';

/** Beyond this, more of the same would say nothing new. */
const MAX_RESPONSES = 500;

/** Those of HTTP/2 keep what they are in their streams, so the process is asked. */
export async function openRequests(
  inspector: Inspector,
  graph: HeapGraph,
): Promise<OpenResponse[]> {
  const first = openHttp1Responses(graph);
  const second =
    graph.objectsNamed('Http2ServerResponse').length > 0
      ? await openHttp2Requests(inspector, graph)
      : [];
  return [...first, ...second].slice(0, MAX_RESPONSES);
}

async function openHttp2Requests(inspector: Inspector, graph: HeapGraph): Promise<OpenResponse[]> {
  const open = await instancesOf(inspector, {
    prototype: HTTP2_RESPONSE,
    filter: ONLY_OPEN,
    limit: MAX_RESPONSES,
  });
  return Promise.all(
    (open ?? []).map(async ({ objectId, heapId }): Promise<OpenResponse> => {
      const { result } = await inspector.send('Runtime.callFunctionOn', {
        objectId,
        functionDeclaration: READ_REQUEST,
        returnByValue: true,
        silent: true,
      });
      return { node: graph.nodeOf(heapId), ...result.value };
    }),
  );
}

const HTTP2_RESPONSE =
  "(globalThis.process?.getBuiltinModule?.('http2') ?? require('http2')).Http2ServerResponse.prototype";

/** Node's own fields and getters; a prototype, or a response without its request, is none. */
const ONLY_OPEN = `(all) => all
  .filter(({ req, socket, writableEnded, destroyed }) =>
    req && req.method && socket && writableEnded === false && !destroyed)
  .slice(0, ${MAX_RESPONSES})`;

const READ_REQUEST = `function () {
  const { method, url } = this.req;
  return { method, path: String(url).split('?', 1)[0] };
}`;
