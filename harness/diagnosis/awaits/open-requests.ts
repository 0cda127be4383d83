/** The requests that a Node process has not answered, of HTTP/1 and HTTP/2. */
import { type OpenResponse, openHttp1Responses } from '../heap/open-requests.ts';
import type { HeapGraph } from '../heap/snapshot.ts';
import { type Instance, instancesOf } from '../inspector/live-instances.ts';
import type { Inspector } from '../inspector/session.ts';

/** Beyond this, more of the same would say nothing new. */
const MAX_RESPONSES = 500;

export interface OpenRequests {
  all: readonly OpenResponse[];
  /** Those of HTTP/2 that have ended since; of HTTP/1 the connections tell. */
  endedHttp2(): Promise<ReadonlySet<number>>;
}

/** Those of HTTP/2 keep what they are in their streams, so the process is asked. */
export async function openRequests(inspector: Inspector, graph: HeapGraph): Promise<OpenRequests> {
  const first = openHttp1Responses(graph);
  const second =
    graph.objectsNamed('Http2ServerResponse').length > 0
      ? await openHttp2Requests(inspector, graph)
      : [];
  const objects = new Map(second.map(({ open, objectId }) => [open.node, objectId]));
  return {
    all: [...first, ...second.map(({ open }) => open)].slice(0, MAX_RESPONSES),
    async endedHttp2() {
      const ended = await Promise.all(
        [...objects].map(async ([node, objectId]) => {
          const { result } = await callOn(inspector, objectId, HAS_ENDED);
          return result.value === false ? [] : node;
        }),
      );
      return new Set(ended.flat());
    },
  };
}

type Http2Request = { open: OpenResponse } & Pick<Instance, 'objectId'>;

async function openHttp2Requests(inspector: Inspector, graph: HeapGraph): Promise<Http2Request[]> {
  const open = await instancesOf(inspector, {
    prototype: HTTP2_RESPONSE,
    filter: ONLY_OPEN,
    limit: MAX_RESPONSES,
  });
  const asked = (open ?? []).map(async ({ objectId, heapId }): Promise<Http2Request[]> => {
    const node = graph.nodeOf(heapId);
    const { result } = await callOn(inspector, objectId, READ_REQUEST);
    // One that has come after the snapshot is younger than all that is looked for.
    if (node < 0 || !result.value) return [];
    return [{ objectId, open: { node, request: graph.follow(node, 'req'), ...result.value } }];
  });
  return (await Promise.all(asked)).flat();
}

function callOn(inspector: Inspector, objectId: string, functionDeclaration: string) {
  return inspector.send('Runtime.callFunctionOn', {
    objectId,
    functionDeclaration,
    returnByValue: true,
    silent: true,
  });
}

const HTTP2_RESPONSE =
  "(globalThis.process?.getBuiltinModule?.('http2') ?? require('http2')).Http2ServerResponse.prototype";

/** Node's own fields and getters; a prototype, or a response without its request, is none. */
const ONLY_OPEN = `(all) => all
  .filter(({ req, socket, writableEnded, destroyed }) =>
    req && req.method && socket && writableEnded === false && !destroyed)
  .slice(0, ${MAX_RESPONSES})`;

const HAS_ENDED = 'function () { return this.writableEnded !== false || !!this.destroyed; }';

const READ_REQUEST = `function () {
  const { method, url } = this.req;
  const type = String(this.getHeader('content-type') || '');
  const isStream = /event-stream|grpc|ndjson/.test(type);
  return {
    method,
    path: String(url).split('?', 1)[0],
    sent: this.headersSent ? (isStream ? 'stream' : 'part') : 'nothing',
  };
}`;
