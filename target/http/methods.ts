/** What is said where no route matches: 405 with Allow for a known path, 404 for any other. */
import type { FastifyInstance } from 'fastify';
import { Refusal } from '../refusal.ts';

/** To be called before routes are added. */
export function refuseUnknownRoutes(app: FastifyInstance): void {
  const routes: { pattern: RegExp; method: string }[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    const pattern = patternOf(url);
    for (const one of [method].flat()) routes.push({ pattern, method: one });
  });
  // As a hook it comes before the body is looked at: that of a wrong method is nobody's business.
  app.addHook('onRequest', (request, reply, done) => {
    if (!request.is404) return done();
    const [path = ''] = request.url.split('?');
    const allowed = routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
    if (allowed.length === 0) {
      return done(new Refusal(404, 'no-such-route', `nothing at ${request.method} ${path}`));
    }
    const allow = [...new Set(allowed)].sort().join(', ');
    reply.header('allow', allow);
    done(new Refusal(405, 'method-not-allowed', `${path} takes ${allow}, not ${request.method}`));
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
