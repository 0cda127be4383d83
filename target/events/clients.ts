/**
 * The clients of the event stream. Sending never waits: a client that does not read is dropped when too
 * much is buffered for it, and pings detect clients that have vanished.
 */
import type { FastifyBaseLogger } from 'fastify';
import type { WebSocket } from 'ws';
import { monotonicMs } from '../../harness/platform/clock.ts';
import type { Config } from '../config/schema.ts';

export interface EventClient {
  /** A text message; `data` may be shared between clients. */
  send(data: Buffer): void;
}

export interface EventClients {
  /** Adds a client for the events of one session, or of all (null). */
  add(socket: WebSocket, sessionId: string | null): void;
  /** The clients that receive the session's events. */
  of(sessionId: string): Iterable<EventClient>;
  readonly count: number;
  /** Closes all connections: the server is shutting down. */
  close(): void;
}

interface Member extends EventClient {
  socket: WebSocket;
  sessionId: string | null;
  /** Whether it has answered the latest ping. */
  alive: boolean;
}

/** A close code of RFC 6455, 7.4.1. */
const GOING_AWAY = 1001;

/** A round of pings that comes this many times later than planned says nothing of the clients. */
const LATE = 1.5;

export function boundedClients(config: Config, log: FastifyBaseLogger): EventClients {
  const members = new Set<Member>();
  let pings: NodeJS.Timeout | undefined;
  let pingedAtMs = 0;

  const drop = (member: Member, reason: string) => {
    log.info({ event: 'event-client-dropped', reason });
    member.socket.terminate();
  };

  const pingAll = () => {
    const now = monotonicMs();
    // When this process was late itself, answers may be waiting to be read: nobody is dropped.
    const wasLate = now - pingedAtMs > LATE * config.pingMs;
    pingedAtMs = now;
    for (const member of members) {
      if (!member.alive && !wasLate) {
        drop(member, 'does not answer pings');
        continue;
      }
      member.alive = false;
      member.socket.ping();
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
      if (pings === undefined) {
        pingedAtMs = monotonicMs();
        pings = setInterval(pingAll, config.pingMs);
      }
      socket.on('pong', () => {
        member.alive = true;
      });
      socket.on('error', (error) => log.debug({ event: 'event-client-failed', err: error }));
      socket.once('close', () => leave(member));
    },
    of: (sessionId) => subscribers(members, sessionId),
    get count() {
      return members.size;
    },
    close() {
      for (const { socket } of members) {
        socket.close(GOING_AWAY, 'the server is shutting down');
        // A client that does not answer the close frame is cut off.
        setTimeout(() => socket.terminate(), config.pingMs).unref();
      }
    },
  };
}

/** Those of `members` that receive the session's events. */
export function* subscribers<T extends { sessionId: string | null }>(
  members: Iterable<T>,
  sessionId: string,
): Iterable<T> {
  for (const member of members) {
    if (member.sessionId === null || member.sessionId === sessionId) yield member;
  }
}
