/**
 * Stands between a link and a service that speaks HTTP: passes everything on as it is, except for requests
 * that meet a fault, and tells of each call when it begins and how it ends, as the scripted model does.
 */
import {
  Agent,
  createServer,
  type IncomingMessage,
  request as requestTo,
  type ServerResponse,
} from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { EventBody, ModelEnding } from '../history/events.ts';
import { messageOf } from '../platform/errors.ts';
import { titleIn } from '../target/operations/input.ts';
import { answerWithFault } from './faulty-answer.ts';
import { type HttpRules, httpRules } from './rules.ts';

export type CallEvent = Extract<
  EventBody,
  { kind: 'model-start' | 'model-first-byte' | 'model-end' }
>;

export interface HttpUpstream extends AsyncDisposable {
  /** On 127.0.0.1. */
  readonly port: number;
  readonly rules: HttpRules;
}

export interface HttpUpstreamOptions {
  /** Of the upstream; its calls are recorded under it. */
  name: string;
  host: string;
  port: number;
  /** A number for the next call, unique in the run. */
  nextId(): number;
  onEvent(event: CallEvent): void;
}

/** What a request is about stands near its begin. */
const READ_FOR_TAG_BYTES = 64 * 1024;

export async function startHttpUpstream(options: HttpUpstreamOptions): Promise<HttpUpstream> {
  const rules = httpRules();
  const agent = new Agent({ keepAlive: true });
  const sockets = new Set<Duplex>();
  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 });
  server.on('request', (incoming, outgoing) => pass(incoming, outgoing, options, rules, agent));
  server.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) =>
    tunnel(incoming, socket as Socket, head, options),
  );
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    rules,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      agent.destroy();
      await closed;
    },
  };
}

/** One call: each of its events is recorded once. */
interface Call {
  begin(): void;
  firstByte(): void;
  end(ending: ModelEnding, status: number): void;
}

function callOf(
  incoming: IncomingMessage,
  { name, nextId, onEvent }: HttpUpstreamOptions,
  text: () => string,
): Call {
  const { method = 'GET', url = '/' } = incoming;
  const bytesBefore = incoming.socket.bytesWritten;
  const id = nextId();
  const told = new Set<string>();
  const once = (what: string, event: () => CallEvent): void => {
    if (told.has(what)) return;
    told.add(what);
    onEvent(event());
  };
  const operation = `${method} ${url.split('?')[0]}`;
  const call: Call = {
    begin() {
      const subject = titleIn(`${decoded(url)} ${text()}`);
      once('start', () => ({ kind: 'model-start', id, upstream: name, operation, subject }));
    },
    firstByte() {
      call.begin();
      once('first', () => ({ kind: 'model-first-byte', id }));
    },
    end(ending, status) {
      call.begin();
      const bytes = incoming.socket.bytesWritten - bytesBefore;
      once('end', () => ({ kind: 'model-end', id, ending, status, bytes, tokens: 0 }));
    },
  };
  return call;
}

function pass(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  options: HttpUpstreamOptions,
  rules: HttpRules,
  agent: Agent,
): void {
  const { method = 'GET', url = '/', headers } = incoming;
  let text = '';
  incoming.on('data', (chunk: Buffer) => {
    if (text.length < READ_FOR_TAG_BYTES) text += chunk.toString('latin1');
  });
  const call = callOf(incoming, options, () => text);
  incoming.on('end', call.begin);
  const chosen = rules.choose(method, url);
  let answer: IncomingMessage | null = null;
  outgoing.on('close', () => {
    const isWhole = outgoing.writableFinished;
    if (!isWhole) answer?.destroy();
    call.end(isWhole ? 'complete' : 'client-closed', outgoing.statusCode);
  });
  outgoing.on('error', () => {});
  const failed = (error: unknown): void => {
    // As behind a TCP proxy: what happens to the service's connection happens to the client's.
    if (outgoing.headersSent || isBroken(error)) outgoing.socket?.resetAndDestroy();
    else outgoing.writeHead(502).end(`hanglab's proxy: ${messageOf(error)}\n`);
  };
  const fault = chosen && { fault: chosen.fault, hit: chosen.hit };
  if (fault && answerWithFault(fault, null, outgoing, call)) {
    incoming.resume();
    return;
  }
  const { host, port } = options;
  const onward = requestTo({ host, port, method, path: url, headers, agent }, (response) => {
    answer = response;
    call.firstByte();
    response.on('error', failed);
    response.on('aborted', () => failed(new Error('cut')));
    if (fault && answerWithFault(fault, response, outgoing, call)) return;
    outgoing.writeHead(response.statusCode ?? 502, response.statusMessage, response.rawHeaders);
    response.pipe(outgoing);
  });
  onward.on('error', failed);
  outgoing.on('close', () => {
    if (!outgoing.writableFinished) onward.destroy();
  });
  incoming.pipe(onward);
}

/** The service refused the connection, or broke it. */
function isBroken(error: unknown): boolean {
  const { code = '' } = error as NodeJS.ErrnoException;
  return ['ECONNREFUSED', 'ECONNRESET', 'EPIPE'].includes(code) || messageOf(error) === 'cut';
}

/** WebSockets and the like: bytes both ways, without faults. */
function tunnel(
  { method = 'GET', url = '/', rawHeaders }: IncomingMessage,
  socket: Socket,
  head: Buffer,
  { host, port }: HttpUpstreamOptions,
): void {
  const lines = rawHeaders.flatMap((name, i) => (i % 2 ? [] : `${name}: ${rawHeaders[i + 1]}\r\n`));
  const upstream = connect({ host, port }, () => {
    upstream.write(`${method} ${url} HTTP/1.1\r\n${lines.join('')}\r\n`);
    upstream.write(head);
    upstream.pipe(socket).pipe(upstream);
  });
  upstream.on('error', () => socket.destroy());
  socket.on('error', () => upstream.destroy());
  socket.on('close', () => upstream.destroy());
}

function decoded(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}
