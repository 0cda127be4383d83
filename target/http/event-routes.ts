/** `/api/v1/events` for those who ask for it without wanting a WebSocket: see events/upgrade.ts. */
import type { FastifyInstance } from 'fastify';
import { EVENTS_PATH } from '../events/upgrade.ts';
import { Refusal } from '../refusal.ts';

/** For the description of the interface. */
export const EVENTS_DESCRIPTION =
  `GET ${EVENTS_PATH} is a WebSocket on which the server tells what happens, with \`?sessionId=\` ` +
  'for one session only. Messages are JSON: message, turn, delta, stats, task. Clients only listen; ' +
  'one that does not read, or does not answer pings, is dropped.';

export function eventRoutes(app: FastifyInstance): void {
  app.get(
    EVENTS_PATH,
    {
      // No HTTP client is served here, so it is no operation: the description tells of it in words.
      schema: { hide: true },
    },
    async (_request, reply) => {
      reply.header('upgrade', 'websocket');
      throw new Refusal(426, 'not-a-websocket', 'only WebSocket clients are served here');
    },
  );
}
