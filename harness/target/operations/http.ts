/** Sends the requests of operations. */
import { Agent, type Dispatcher, FormData, request } from 'undici';
import type { HttpAnswer, HttpRequest, OpenAnswer } from './http-message.ts';
import { openWebSocket } from './websocket.ts';

/** Connections to one place. No timeouts: how long it takes is the finding. */
export interface HttpClient extends AsyncDisposable {
  /** Rejects when the connection is refused or breaks, or `signal` aborts. */
  send(wanted: HttpRequest, signal: AbortSignal): Promise<HttpAnswer>;
  /** The answer's head and its body as it comes. */
  open(wanted: HttpRequest, signal: AbortSignal): Promise<OpenAnswer>;
  /** Closes the connections that are idle now; the next request opens a new one. */
  closeIdle(): void;
  /** A WebSocket on a connection of its own; the request's body is the first message. */
  openWebSocket(wanted: HttpRequest, signal: AbortSignal): Promise<OpenAnswer>;
}

/** More requests than any load holds open: one that waited here would be taken for the server's. */
const MOST_CONNECTIONS = 10_000;

/** @param connections how many at most; more requests than that wait. */
export function httpClient(baseUrl: string, connections = MOST_CONNECTIONS): HttpClient {
  const agent = (): Agent =>
    new Agent({
      headersTimeout: 0,
      bodyTimeout: 0,
      connectTimeout: 0,
      // Idle connections go soon, so that quiesce sees the target's own.
      keepAliveTimeout: 1000,
      // Whatever longer time the server offers.
      keepAliveMaxTimeout: 1000,
      connections,
      pipelining: 1,
    });
  let dispatcher = agent();
  const retired = new Set<Agent>();
  const open = async (wanted: HttpRequest, signal: AbortSignal): Promise<OpenAnswer> => {
    const { body, headers } = encoded(wanted);
    const {
      statusCode,
      headers: answered,
      body: stream,
    } = await request(baseUrl + wanted.path, {
      method: wanted.method as Dispatcher.HttpMethod,
      dispatcher,
      signal,
      headers,
      ...(body === null ? {} : { body }),
    });
    return { status: statusCode, headers: flat(answered), body: stream };
  };
  return {
    open,
    openWebSocket: (wanted, signal) => openWebSocket(baseUrl, wanted, signal),
    async send(wanted, signal) {
      const { status, headers, body } = await open(wanted, signal);
      return { status, headers, text: await body.text() };
    },
    closeIdle() {
      // It closes each connection as soon as that is idle; those with a request go on until it ends.
      const old = dispatcher;
      dispatcher = agent();
      const closed = old.close().catch(() => {});
      retired.add(old);
      void closed.then(() => retired.delete(old));
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([dispatcher, ...retired].map((each) => each.destroy()));
    },
  };
}

function encoded({ headers, body }: HttpRequest): {
  body: string | FormData | null;
  headers: Record<string, string>;
} {
  if (body === null) return { body, headers: { ...headers } };
  if (body.kind === 'text') {
    return { body: body.text, headers: { 'content-type': body.contentType, ...headers } };
  }
  const form = new FormData();
  for (const [name, part] of Object.entries(body.parts)) {
    if (typeof part === 'string') form.set(name, part);
    else form.set(name, new Blob([part.text], { type: part.type }), part.filename);
  }
  return { body: form, headers: { ...headers } };
}

function flat(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')]),
  );
}
