/** Ending a connection with a reset, below TLS too: only the TCP socket can. */
import type { Socket } from 'node:net';

/** Of each socket that speaks TLS, the one that it speaks through. */
const transports = new WeakMap<Socket, Socket>();

export function setTransport(secure: Socket, transport: Socket): void {
  transports.set(secure, transport);
}

export function resetConnection(socket: Socket): void {
  const transport = transports.get(socket);
  if (transport === undefined) socket.resetAndDestroy();
  else {
    transport.resetAndDestroy();
    socket.destroy();
  }
}
