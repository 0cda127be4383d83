/** The HTTP server, without its routes: limits, validation, errors, and the OpenAPI document. */
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
import { wantsEvents } from '../events/upgrade.ts';
import { sendError } from './errors.ts';
import { EVENTS_DESCRIPTION } from './event-routes.ts';
import { refuseUnknownRoutes } from './methods.ts';
import { arrivalLimits, refuseConnection, watchAnswers } from './request-limits.ts';
import { errorSchema } from './schemas.ts';
import { strictValidation } from './validation.ts';

export function createApp(config: Config): FastifyInstance {
  const arrival = arrivalLimits(config.requestMs);
  const app = fastify({
    logger: { level: config.logLevel, base: { pid: process.pid } },
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: 'idle',
    bodyLimit: 65_536,
    requestTimeout: arrival.requestTimeout,
    http: { ...arrival.http, shouldUpgradeCallback: wantsEvents },
    clientErrorHandler: refuseConnection,
    frameworkErrors: (error, _request, reply) => sendError(error, reply as FastifyReply),
    routerOptions: { ignoreTrailingSlash: true },
  });
  // A client may close its sending half and wait for the answer: see request-scope.ts. The option is
  // old, but missing in Node's types.
  (app.server as { httpAllowHalfOpen?: boolean }).httpAllowHalfOpen = true;
  app.setValidatorCompiler(strictValidation());
  // Answers are small and built here: they need no filtering by a schema.
  app.setSerializerCompiler(() => JSON.stringify);
  app.setErrorHandler<FastifyError>((error, _request, reply) => sendError(error, reply));
  watchAnswers(app);
  refuseUnknownRoutes(app);
  app.addSchema(errorSchema);
  app.register(multipart);
  app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'hanglab reference target',
        version: '1',
        description: `A small knowledge-base and chat server to try a harness on. ${EVENTS_DESCRIPTION}`,
      },
    },
    refResolver: { buildLocalReference: ({ $id }, _base, _fragment, i) => String($id ?? `s${i}`) },
  });
  return app;
}
