/** `GET /api/v1/events`: the WebSocket handshake, and its refusals. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { WebSocketServer } from 'ws';
import { badRequest, overloaded, Refusal } from '../refusal.ts';
import { SESSION_ID } from '../sessions/entries.ts';
import type { EventClients } from './clients.ts';

export const EVENTS_PATH = '/api/v1/events';

/** Clients only listen: longer messages are refused. */
const MAX_PAYLOAD_BYTES = 1024;

/** Whether to upgrade a request; others that ask for it are served as plain HTTP. */
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

/** The session that the client subscribes to; null for all. @throws Refusal */
function checked(request: IncomingMessage, count: number, maxClients: number): string | null {
  if (!wantsEvents(request)) throw new Refusal(404, 'no-such-route', 'no WebSocket is served here');
  const { origin, host } = request.headers;
  // Any web page can open a WebSocket to this machine; the browser adds the page's origin.
  if (origin !== undefined && URL.parse(origin)?.host !== host) {
    throw new Refusal(403, 'foreign-origin', `pages from ${origin} may not connect`);
  }
  const given = new URLSearchParams(request.url?.split('?')[1]).get('sessionId');
  if (given !== null && !SESSION_ID.test(given)) {
    throw badRequest('bad-session-id', 'sessionId is not the id of a session');
  }
  if (count >= maxClients)
    throw overloaded('too-many-clients', `${count} clients are already connected`);
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
