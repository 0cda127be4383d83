/** HTTP as operations speak it: plain values, so that what is sent and what came back can be shown and tested. */
import { Agent, type Dispatcher, FormData, request } from 'undici';

export interface HttpRequest {
  method: string;
  /** Below the target's root, with its query. */
  path: string;
  headers: Readonly<Record<string, string>>;
  body: HttpBody | null;
}

export type HttpBody =
  | { kind: 'text'; text: string; contentType: string }
  | { kind: 'multipart'; parts: Readonly<Record<string, MultipartPart>> };

export type MultipartPart = string | { text: string; filename: string; type: string };

export interface HttpAnswer {
  status: number;
  headers: Readonly<Record<string, string>>;
  text: string;
}

/** Connections to one place. No timeouts: how long it takes is the finding. */
export interface HttpClient extends AsyncDisposable {
  /** Rejects when the connection is refused or breaks, or `signal` aborts. */
  send(wanted: HttpRequest, signal: AbortSignal): Promise<HttpAnswer>;
  /** The answer's head and its body as it comes. */
  open(wanted: HttpRequest, signal: AbortSignal): Promise<OpenAnswer>;
}

export interface OpenAnswer {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: AsyncIterable<Uint8Array> & { text(): Promise<string> };
}

/** More requests than any scenario holds open: one that waited here would be taken for the server's. */
const MOST_CONNECTIONS = 10_000;

export function httpClient(baseUrl: string): HttpClient {
  const dispatcher = new Agent({
    headersTimeout: 0,
    bodyTimeout: 0,
    connectTimeout: 0,
    // Idle connections go soon, so that quiesce sees the target's own.
    keepAliveTimeout: 1000,
    // Whatever longer time the server offers.
    keepAliveMaxTimeout: 1000,
    connections: MOST_CONNECTIONS,
    pipelining: 1,
  });
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
    async send(wanted, signal) {
      const { status, headers, body } = await open(wanted, signal);
      return { status, headers, text: await body.text() };
    },
    async [Symbol.asyncDispose]() {
      await dispatcher.destroy();
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
