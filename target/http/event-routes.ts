/** `/api/v1/events` for requests that are not WebSocket handshakes; those are in events/upgrade.ts. */
import type { FastifyInstance } from 'fastify';
import { EVENTS_PATH } from '../events/upgrade.ts';
import { Refusal } from '../refusal.ts';

/** For the OpenAPI document. */
export const EVENTS_DESCRIPTION =
  `GET ${EVENTS_PATH} is a WebSocket that publishes what happens, with \`?sessionId=\` ` +
  'for one session only. Messages are JSON: message, turn, delta, stats, task. Clients only listen; ' +
  'one that does not read, or does not answer pings, is dropped.';

export function eventRoutes(app: FastifyInstance): void {
  app.get(
    EVENTS_PATH,
    {
      // OpenAPI cannot describe a WebSocket, so the document mentions it in its introduction.
      schema: { hide: true },
    },
    async (_request, reply) => {
      reply.header('upgrade', 'websocket');
      throw new Refusal(426, 'not-a-websocket', 'only WebSocket clients are served here');
    },
  );
}
