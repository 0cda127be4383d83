/**
 * Limits that hold from the first byte of a request, before any handler runs: for unfinished headers, a
 * stalled JSON body, a stalled upload. Node closes such connections; this file says what is sent
 * first, also to clients that do not speak HTTP.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** Node looks for late requests this many times per limit, so they end slightly before it. */
const LOOKS = 20;

/** How long a refused client may take to read the answer. */
const LINGER_MS = 500;

/** Options of Node's server: a complete request, headers and body, arrives within `requestMs`. */
export function arrivalLimits(requestMs: number) {
  const everyMs = Math.max(1, Math.floor(requestMs / LOOKS));
  const limitMs = Math.max(1, requestMs - 2 * everyMs);
  return {
    requestTimeout: limitMs,
    http: { headersTimeout: limitMs, connectionsCheckingInterval: everyMs },
  };
}

/** The latest request on each connection that reached a handler. */
const latest = new WeakMap<Socket, IncomingMessage>();
const answered = new WeakSet<IncomingMessage>();

/** Records which requests have been answered. */
export function watchAnswers(app: FastifyInstance): void {
  app.addHook('onRequest', (request, _reply, done) => {
    latest.set(request.socket, request.raw);
    done();
  });
  app.addHook('onSend', (request, _reply, _payload, done) => {
    answered.add(request.raw);
    done();
  });
}

/** Answers requests that Node's parser rejects, and closes the connection. */
export function refuseConnection(error: { code?: string }, socket: Socket): void {
  const request = latest.get(socket);
  const inMidBody = request !== undefined && !request.complete;
  if (!socket.writable || (inMidBody && answered.has(request))) return void socket.destroy();
  const status = STATUS[error.code ?? ''] ?? '400 Bad Request';
  const body = JSON.stringify({ error: { code: CODES[status], message: status.slice(4) } });
  socket.end(
    `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  // A client that neither reads nor closes must not hold the connection.
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

const STATUS: Record<string, string> = {
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
};

const CODES: Record<string, string> = {
  '408 Request Timeout': 'request-too-slow',
  '431 Request Header Fields Too Large': 'headers-too-large',
  '400 Bad Request': 'malformed-http',
};
