/** For those who run the server: health, readiness, metrics, and the description of the interface. */
import type { FastifyInstance } from 'fastify';
import type { Parts } from '../parts.ts';

export function operationRoutes(app: FastifyInstance, parts: Parts): void {
  const tags = ['operation'];

  app.get('/health', { schema: { summary: 'Liveness', tags } }, () => parts.health());

  app.get('/ready', { schema: { summary: 'Readiness, with reasons', tags } }, (_request, reply) => {
    const reasons = parts.readiness.reasons();
    return reply
      .code(reasons.length === 0 ? 200 : 503)
      .send({ ready: reasons.length === 0, reasons });
  });

  app.get('/metrics', { schema: { summary: 'Prometheus', tags } }, async (_request, reply) => {
    const text = await parts.metrics.text();
    return reply.type(parts.metrics.contentType).serializer(String).send(text);
  });

  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());

  app.addHook('onResponse', (request, reply, done) => {
    const route = `${request.method} ${request.routeOptions.url ?? 'unknown'}`;
    parts.metrics.requestEnded(route, reply.statusCode, reply.elapsedTime);
    done();
  });
}
