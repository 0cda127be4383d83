/**
 * The clients of the event stream. What is sent is never waited for: a client that does not read is
 * dropped when too much waits for it, and one that has vanished is found out by pings.
 */
import type { FastifyBaseLogger } from 'fastify';
import type { WebSocket } from 'ws';
import type { Config } from '../config/schema.ts';

export interface EventClient {
  /** A text message; `data` may be shared between clients. */
  send(data: Buffer): void;
}

export interface EventClients {
  /** Takes a client in, for the events of one session or of all (null). */
  add(socket: WebSocket, sessionId: string | null): void;
  /** Those who want to hear of the session. */
  of(sessionId: string): Iterable<EventClient>;
  readonly count: number;
  /** Closes every connection: the server is going away. */
  close(): void;
}

interface Member extends EventClient {
  socket: WebSocket;
  sessionId: string | null;
  /** Whether it has answered the latest ping. */
  alive: boolean;
}

/** Close codes: RFC 6455 and the registry that it opened. */
const GOING_AWAY = 1001;

export function boundedClients(config: Config, log: FastifyBaseLogger): EventClients {
  const members = new Set<Member>();
  let pings: NodeJS.Timeout | undefined;

  const drop = (member: Member, reason: string) => {
    log.info({ event: 'event-client-dropped', reason });
    member.socket.terminate();
  };

  const pingAll = () => {
    for (const member of members) {
      if (!member.alive) drop(member, 'does not answer pings');
      else member.socket.ping();
      member.alive = false;
    }
  };

  const leave = (member: Member) => {
    members.delete(member);
    if (members.size > 0) return;
    clearInterval(pings);
    pings = undefined;
  };

  return {
    add(socket, sessionId) {
      const member: Member = {
        socket,
        sessionId,
        alive: true,
        send(data) {
          if (socket.bufferedAmount > config.clientBufferBytes) drop(member, 'does not read');
          else socket.send(data, { binary: false });
        },
      };
      members.add(member);
      pings ??= setInterval(pingAll, config.pingMs);
      socket.on('pong', () => {
        member.alive = true;
      });
      socket.on('error', (error) => log.debug({ event: 'event-client-failed', err: error }));
      socket.once('close', () => leave(member));
    },
    of: (sessionId) => wanting(members, sessionId),
    get count() {
      return members.size;
    },
    close() {
      for (const { socket } of members) {
        socket.close(GOING_AWAY, 'the server is going away');
        // Who does not answer the close within a ping is not waited for.
        setTimeout(() => socket.terminate(), config.pingMs).unref();
      }
    },
  };
}

/** Those of `members` who want to hear of the session. */
export function* wanting<T extends { sessionId: string | null }>(
  members: Iterable<T>,
  sessionId: string,
): Iterable<T> {
  for (const member of members) {
    if (member.sessionId === null || member.sessionId === sessionId) yield member;
  }
}
