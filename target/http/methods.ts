/** Requests that match no route: 405 with Allow for a known path, 404 for any other. */
import type { FastifyInstance } from 'fastify';
import { Refusal } from '../refusal.ts';

/** To be called before any route is added. */
export function refuseUnknownRoutes(app: FastifyInstance): void {
  const routes: { pattern: RegExp; method: string }[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    const pattern = patternOf(url);
    for (const one of [method].flat()) routes.push({ pattern, method: one });
  });
  // A hook runs before the body is read, so a bad body does not hide the wrong method.
  app.addHook('onRequest', (request, reply, done) => {
    if (!request.is404) return done();
    const [path = ''] = request.url.split('?');
    const allowed = routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
    if (allowed.length === 0) {
      return done(
        new Refusal(404, 'no-such-route', `there is nothing at ${request.method} ${path}`),
      );
    }
    const allow = [...new Set(allowed)].sort().join(', ');
    reply.header('allow', allow);
    done(
      new Refusal(405, 'method-not-allowed', `${path} supports ${allow}, not ${request.method}`),
    );
  });
}

/** `/documents/:id` -> `^/documents/[^/]+/?$`. */
function patternOf(url: string): RegExp {
  const parts = url.split('/').map((part) => (part.startsWith(':') ? '[^/]+' : literal(part)));
  return new RegExp(`^${parts.join('/')}/?$`);
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
