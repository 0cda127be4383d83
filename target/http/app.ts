/** The HTTP server: its own limits, and one shape for every error, malformed requests included. */
import type { Socket } from 'node:net';
import multipart from '@fastify/multipart';
import swagger from '@fastify/swagger';
import {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  fastify,
  LogController,
} from 'fastify';
import type { Config } from '../config/schema.ts';
import { ModelFailure } from '../model/failure.ts';
import { Refusal } from '../refusal.ts';

export function createApp(config: Config): FastifyInstance {
  const app = fastify({
    logger: { level: config.logLevel, base: { pid: process.pid } },
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: 'idle',
    bodyLimit: 65_536,
    // The last resort against a client that never finishes its request: the scope acts earlier.
    requestTimeout: 10 * config.requestMs,
    ajv: { customOptions: { removeAdditional: false } },
    clientErrorHandler: answerMalformed,
    frameworkErrors: (error, _request, reply) => sendError(error, reply as FastifyReply),
    routerOptions: { ignoreTrailingSlash: true },
  });
  // A client may close its sending half and wait for the answer: see request-scope.ts. Node has
  // this switch since its first days, its types do not.
  (app.server as { httpAllowHalfOpen?: boolean }).httpAllowHalfOpen = true;
  // Answers are small and of our own making: no schema needs to strip them.
  app.setSerializerCompiler(() => JSON.stringify);
  app.setErrorHandler<FastifyError>((error, _request, reply) => sendError(error, reply));
  app.setNotFoundHandler((request, reply) => {
    sendError(
      new Refusal(404, 'no-such-route', `nothing at ${request.method} ${request.url}`),
      reply,
    );
  });
  app.register(multipart);
  app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'hanglab reference target',
        version: '1',
        description: 'A small knowledge-base server to try a harness on.',
      },
    },
  });
  return app;
}

function sendError(error: Error, reply: FastifyReply): void {
  const { status, code, retryAfterS } = describe(error);
  if (code in OWN_WORDS) reply.log.error({ event: code, err: error });
  if (retryAfterS !== null) reply.header('retry-after', String(retryAfterS));
  const message = OWN_WORDS[code] ?? error.message;
  reply.code(status).send({ error: { code, message } });
}

/** Where the error's own message would tell a client about the server's inside. */
const OWN_WORDS: Record<string, string> = {
  internal: 'the server failed; its log says why',
  'out-of-resources': 'the server has no file descriptors or disk space left',
};

/** Descriptors or disk space are used up: the next try may find some. */
const EXHAUSTED = new Set(['EMFILE', 'ENFILE', 'ENOSPC']);

function describe(error: Error): { status: number; code: string; retryAfterS: number | null } {
  if (error instanceof Refusal) return error;
  if (error instanceof ModelFailure) {
    const tooLate = error.kind === 'deadline' || error.kind === 'silent';
    return { status: tooLate ? 504 : 502, code: `model-${error.kind}`, retryAfterS: null };
  }
  const { statusCode, code } = error as FastifyError;
  if (EXHAUSTED.has(code)) return { status: 503, code: 'out-of-resources', retryAfterS: 1 };
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return { status: statusCode, code: codeOfFramework(code), retryAfterS: null };
  }
  if (statusCode === 503) return { status: 503, code: 'shutting-down', retryAfterS: 1 };
  return { status: 500, code: 'internal', retryAfterS: null };
}

/** `FST_ERR_CTP_INVALID_MEDIA_TYPE` -> `invalid-media-type`. */
function codeOfFramework(code: string | undefined): string {
  return (code ?? 'bad-request')
    .replace(/^FST_(ERR_)?(CTP_)?/, '')
    .toLowerCase()
    .replaceAll('_', '-');
}

function answerMalformed(error: { code?: string }, socket: Socket): void {
  if (!socket.writable) return void socket.destroy();
  const status =
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? '408 Request Timeout'
      : error.code === 'HPE_HEADER_OVERFLOW'
        ? '431 Request Header Fields Too Large'
        : '400 Bad Request';
  const body = JSON.stringify({ error: { code: 'malformed-http', message: status.slice(4) } });
  socket.end(
    `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
