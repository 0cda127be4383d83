/** Clients that a proxy has accepted and whose upstream has not answered yet. */
import { connect, type Socket } from 'node:net';
import { monotonicMs } from '../../../platform/clock.ts';
import { after } from '../pipe/timer.ts';
import { AddressError, parsePort, splitHostPort } from './address.ts';
import { KEEP_ALIVE_MS } from './listener.ts';

export interface PendingConnect {
  client: Socket;
  upstream: string;
  /** What toxics have to say to it now: refuse it, or wait so long since it was accepted. */
  wait(): 'refuse' | number;
  onOpen(server: Socket): void;
  /** There is no connection to the upstream, and the client has been closed. */
  onFailed(error: string): void;
}

export interface PendingConnects {
  open(pending: PendingConnect): void;
  /** Toxics have changed: those that wait may have another time to wait. */
  recheck(): void;
  closeAll(): void;
}

const SYSTEM_ERRORS: Record<string, string> = {
  ECONNREFUSED: 'connect: connection refused',
  ECONNRESET: 'connect: connection reset by peer',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ETIMEDOUT: 'connect: connection timed out',
};
export const REFUSED = 'refused by a toxic';
const STOPPED = 'the proxy was stopped, or its client has gone';

export function createPendingConnects(): PendingConnects {
  const waiting = new Set<() => void>();
  const sockets = new Set<Socket>();

  const ask = ({ client, upstream, onOpen, onFailed }: PendingConnect): void => {
    let server: Socket;
    try {
      server = connectTo(upstream);
    } catch (error) {
      sockets.delete(client);
      client.destroy();
      onFailed(`dial tcp: ${(error as Error).message}`);
      return;
    }
    let failure = STOPPED;
    const forget = (): void => {
      sockets.delete(client);
      sockets.delete(server);
    };
    const giveUp = (): void => {
      forget();
      client.destroy();
      onFailed(failure);
    };
    sockets.add(server);
    server.on('error', (error: NodeJS.ErrnoException) => {
      failure = `dial tcp ${upstream}: ${SYSTEM_ERRORS[error.code ?? ''] ?? error.message}`;
    });
    server.once('close', giveUp);
    server.once('connect', () => {
      server.off('close', giveUp);
      forget();
      if (client.destroyed) {
        server.destroy();
        onFailed(STOPPED);
      } else onOpen(server);
    });
  };

  return {
    open(pending) {
      const { client, wait, onFailed } = pending;
      const acceptedMs = monotonicMs();
      client.on('error', () => {});
      sockets.add(client);
      let cancel = (): void => {};
      const check = (): void => {
        cancel();
        waiting.delete(check);
        if (client.destroyed) {
          sockets.delete(client);
          onFailed(STOPPED);
          return;
        }
        const ms = wait();
        if (ms === 'refuse') {
          sockets.delete(client);
          client.destroy();
          onFailed(REFUSED);
          return;
        }
        const leftMs = ms - (monotonicMs() - acceptedMs);
        if (leftMs <= 0) {
          ask(pending);
          return;
        }
        waiting.add(check);
        if (leftMs !== Number.POSITIVE_INFINITY) cancel = after(leftMs, check);
      };
      check();
    },
    recheck() {
      for (const check of [...waiting]) check();
    },
    closeAll() {
      for (const socket of sockets) socket.destroy();
      for (const check of [...waiting]) check();
    },
  };
}

/** @throws AddressError when it is no address. */
function connectTo(upstream: string): Socket {
  const { host, port } = splitHostPort(upstream);
  const number = parsePort(port);
  try {
    return connect({
      host: host || '127.0.0.1',
      port: number,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
      allowHalfOpen: true,
    });
  } catch (error) {
    throw new AddressError((error as Error).message);
  }
}
