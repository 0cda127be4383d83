/** The API's HTTP: finds the route of a request as Toxiproxy's router does, and sends the answer. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { posix } from 'node:path';
import { monotonicMs } from '../../../platform/clock.ts';
import type { Log } from '../log.ts';
import { addressOf } from '../proxy/connection.ts';
import { errorJson, type Reply, type Route } from './api.ts';
import { ApiError, badRequestBody } from './api-error.ts';
import { JsonError, type JsonValue, parseJson, stringifyJson } from './go-json.ts';

// An import would also load what node:http exports of fetch and WebSocket: 15 MB more.
const { createServer } = process.getBuiltinModule('node:http');

/** Above the largest body that makes sense: some 50,000 proxies. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;
const PLAIN = 'text/plain; charset=utf-8';
const REQUEST_ID_LETTERS = '0123456789abcdefghijklmnopqrstuv';

export function createHttpServer(routes: readonly Route[], log: Log): Server {
  return createServer((request, response) => {
    const startMs = monotonicMs();
    const client = addressOf(request.socket);
    response.on('finish', () => {
      log('debug', '', {
        request_id: response.getHeader('X-Toxiproxy-Request-Id'),
        client,
        method: request.method,
        url: request.url,
        user_agent: request.headers['user-agent'],
        status: response.statusCode,
        size: Number(response.getHeader('Content-Length') ?? 0),
        duration: monotonicMs() - startMs,
      });
    });
    answer(routes, request, response).catch((error: unknown) => {
      process.emitWarning(error as Error);
      response.destroy();
    });
  });
}

async function answer(
  routes: readonly Route[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = 'GET', url = '/' } = request;
  const question = url.indexOf('?');
  const query = question === -1 ? '' : url.slice(question);
  const path = decodePath(question === -1 ? url : url.slice(0, question));
  if (path === undefined) return send(response, 400, '400 Bad Request', PLAIN);

  const clean = cleanPath(path);
  if (clean !== path) {
    response.setHeader('Location', encodeURI(clean) + query);
    return send(response, 301);
  }
  const found = routes.find((route) => route.path.test(path));
  if (!found) return sendError(response, 404, '404 page not found\n');
  const handler = found.methods[method] ?? found.methods['*'];
  if (!handler) return send(response, 405);

  response.setHeader('X-Toxiproxy-Request-Id', requestId());
  if (request.headers['user-agent']?.startsWith('Mozilla/')) {
    return sendError(response, 403, 'User agent not allowed\n');
  }
  const names = found.path.exec(path)?.slice(1) ?? [];
  let reply: Reply;
  try {
    reply = await handler({ names, json: () => readJson(request) });
  } catch (error) {
    const told = errorJson(error);
    return sendError(response, told.status, `${stringifyJson(told)}\n`);
  }
  if (reply.text) return send(response, reply.status, reply.text.content, reply.text.type);
  if (reply.body === undefined) return send(response, reply.status);
  send(response, reply.status, stringifyJson(reply.body), 'application/json');
}

function decodePath(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

/** Without `.`, `..` and doubled slashes; a slash at the end stays. */
function cleanPath(path: string): string {
  return posix.normalize(path.startsWith('/') ? path : `/${path}`);
}

function sendError(response: ServerResponse, status: number, content: string): void {
  response.setHeader('X-Content-Type-Options', 'nosniff');
  send(response, status, content, PLAIN);
}

function send(response: ServerResponse, status: number, content = '', type?: string): void {
  response.statusCode = status;
  if (type !== undefined) response.setHeader('Content-Type', type);
  if (status !== 204) response.setHeader('Content-Length', Buffer.byteLength(content));
  response.end(content);
}

async function readJson(request: IncomingMessage): Promise<JsonValue> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > MAX_BODY_BYTES) {
      throw new ApiError(`request body above ${MAX_BODY_BYTES} bytes`, 413);
    }
    parts.push(part);
  }
  try {
    return parseJson(Buffer.concat(parts));
  } catch (error) {
    if (error instanceof JsonError) throw badRequestBody(error.message);
    throw error;
  }
}

function requestId(): string {
  let id = '';
  while (id.length < 20) id += REQUEST_ID_LETTERS[Math.floor(Math.random() * 32)];
  return id;
}
