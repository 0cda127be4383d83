/** For those who run the server: health, readiness, metrics, and the description of the interface. */
import type { FastifyInstance } from 'fastify';
import type { Parts } from '../parts.ts';
import { answers, array, json, object, oneOf, text } from './schemas.ts';

const tags = ['operation'];
const readiness = object({ ready: { type: 'boolean' }, reasons: array(text) });

export function operationRoutes(app: FastifyInstance, parts: Parts): void {
  const alive = json('The process answers', object({ status: oneOf(['ok']) }));
  app.get(
    '/health',
    { schema: { summary: 'Liveness', response: answers({ 200: alive }), tags } },
    () => parts.health(),
  );

  app.get(
    '/ready',
    {
      schema: {
        summary: 'Readiness, with reasons',
        response: answers({ 200: json('Ready', readiness), 503: json('Not ready', readiness) }),
        tags,
      },
    },
    (_request, reply) => {
      const reasons = parts.readiness.reasons();
      return reply
        .code(reasons.length === 0 ? 200 : 503)
        .send({ ready: reasons.length === 0, reasons });
    },
  );

  const figures = { description: 'Figures', content: { 'text/plain': { schema: text } } };
  app.get(
    '/metrics',
    { schema: { summary: 'Prometheus', response: answers({ 200: figures }), tags } },
    async (_request, reply) => {
      const page = await parts.metrics.text();
      return reply.type(parts.metrics.contentType).serializer(String).send(page);
    },
  );

  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());

  app.addHook('onResponse', (request, reply, done) => {
    const route = `${request.method} ${request.routeOptions.url ?? 'unknown'}`;
    parts.metrics.requestEnded(route, reply.statusCode, reply.elapsedTime);
    done();
  });
}
