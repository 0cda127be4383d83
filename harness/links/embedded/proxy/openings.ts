/** Clients that a proxy has accepted and whose upstream has not answered yet. */
import { connect, type Socket } from 'node:net';
import { parsePort, splitHostPort } from './address.ts';
import { KEEP_ALIVE_MS } from './listener.ts';

export interface Openings {
  /** Connects to `upstream` for `client`; one that cannot be reached closes the client. */
  open(client: Socket, upstream: string, onOpen: (server: Socket) => void): void;
  closeAll(): void;
}

export function createOpenings(): Openings {
  const sockets = new Set<Socket>();
  return {
    open(client, upstream, onOpen) {
      const server = connectTo(upstream);
      client.on('error', () => {});
      if (!server) {
        client.destroy();
        return;
      }
      const forget = (): void => {
        sockets.delete(client);
        sockets.delete(server);
      };
      const giveUp = (): void => {
        forget();
        client.destroy();
      };
      sockets.add(client).add(server);
      server.on('error', () => {});
      server.once('close', giveUp);
      server.once('connect', () => {
        server.off('close', giveUp);
        forget();
        if (client.destroyed) server.destroy();
        else onOpen(server);
      });
    },
    closeAll() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Undefined when it is no address. */
function connectTo(upstream: string): Socket | undefined {
  try {
    const { host, port } = splitHostPort(upstream);
    return connect({
      host: host || '127.0.0.1',
      port: parsePort(port),
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
      allowHalfOpen: true,
    });
  } catch {
    return undefined;
  }
}
