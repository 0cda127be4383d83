/** `GET /api/v1/events`: the handshake of a WebSocket, and who is refused one. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { WebSocketServer } from 'ws';
import { badRequest, overloaded, Refusal } from '../refusal.ts';
import { SESSION_ID } from '../sessions/entries.ts';
import type { EventClients } from './clients.ts';

export const EVENTS_PATH = '/api/v1/events';

/** Clients only listen: longer messages than a ping are no business of theirs. */
const MAX_PAYLOAD_BYTES = 1024;

/** Whether a request to upgrade is to become one; any other is answered as if it had not asked. */
export function wantsEvents(request: IncomingMessage): boolean {
  return request.method === 'GET' && pathOf(request) === EVENTS_PATH;
}

export function acceptEventClients(
  app: FastifyInstance,
  clients: EventClients,
  maxClients: number,
): void {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_PAYLOAD_BYTES,
  });
  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    try {
      const sessionId = checked(request, clients.count, maxClients);
      server.handleUpgrade(request, socket, head, (client) => clients.add(client, sessionId));
    } catch (error) {
      refuse(socket, error as Refusal);
    }
  });
}

/** The session that the client wants to hear of; null for all. @throws Refusal */
function checked(request: IncomingMessage, count: number, maxClients: number): string | null {
  if (!wantsEvents(request)) throw new Refusal(404, 'no-such-route', 'no WebSocket is served here');
  const { origin, host } = request.headers;
  // A browser lets any page open a WebSocket to this machine, and says which page it is.
  if (origin !== undefined && URL.parse(origin)?.host !== host) {
    throw new Refusal(403, 'foreign-origin', `pages of ${origin} are not served`);
  }
  const given = new URLSearchParams(request.url?.split('?')[1]).get('sessionId');
  if (given !== null && !SESSION_ID.test(given)) {
    throw badRequest('bad-session-id', 'sessionId is not the id of a session');
  }
  if (count >= maxClients) throw overloaded('too-many-clients', `${count} clients listen already`);
  return given;
}

function refuse(socket: Duplex, { status, code, message }: Refusal): void {
  const body = JSON.stringify({ error: { code, message } });
  socket.end(
    `HTTP/1.1 ${status} ${code}\r\nconnection: close\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}

function pathOf(request: IncomingMessage): string | undefined {
  return request.url?.split('?')[0]?.replace(/\/$/, '');
}
