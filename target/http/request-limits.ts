/**
 * Limits that hold from the first byte of a request, before any handler exists: unfinished headers, a
 * JSON body that stalls, an upload that stalls. Node closes such a connection; what is said on it
 * before stands here, and so does the answer to bytes that are not HTTP.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** Late requests are looked for this many times in the limit, so they end a little before it. */
const LOOKS = 20;

/** How long a refused client may take to read its answer. */
const LINGER_MS = 500;

/** Options of Node's server: whole requests, headers and body, arrive within `requestMs`. */
export function arrivalLimits(requestMs: number) {
  const everyMs = Math.max(1, Math.floor(requestMs / LOOKS));
  const limitMs = Math.max(1, requestMs - 2 * everyMs);
  return {
    requestTimeout: limitMs,
    http: { headersTimeout: limitMs, connectionsCheckingInterval: everyMs },
  };
}

/** The latest request that a handler was called for, on each connection. */
const latest = new WeakMap<Socket, IncomingMessage>();
const answered = new WeakSet<IncomingMessage>();

/** Notes which requests have been answered while their body was still arriving. */
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

/** Answers what Node's parser refuses, and closes the connection. */
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
  // A client that neither reads nor closes keeps nothing of the server.
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
