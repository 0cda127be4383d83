/** Whether an event loop turns, when no health path is known: does it accept a bare connection? */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs } from '../../platform/clock.ts';
import { readFds } from '../../platform/procfs/fds.ts';
import { readSockets } from '../../platform/procfs/sockets.ts';

const LIMIT_MS = 1500;

/**
 * Connects, sends nothing, and watches the process's own sockets for the other end. The kernel
 * completes a connection by itself; only a loop that turns takes it from the backlog.
 * @returns null when nothing listens on `port`, or the connection was refused.
 */
export async function acceptsConnections(pid: number, port: number): Promise<boolean | null> {
  const own = () => readSockets(pid, readFds(pid).socketInodes);
  const listener = own().find((socket) => socket.state === 'LISTEN' && socket.localPort === port);
  if (!listener) return null;
  const address = listener.localAddress === '0.0.0.0' ? '127.0.0.1' : listener.localAddress;
  const socket = connect({ port, host: address === '::' ? '::1' : address });
  try {
    const connected = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    const from = socket.localPort;
    if (!connected || from === undefined) return null;
    const deadline = monotonicMs() + LIMIT_MS;
    while (monotonicMs() < deadline) {
      if (own().some(({ remotePort, localPort }) => remotePort === from && localPort === port))
        return true;
      await sleep(25);
    }
    return false;
  } finally {
    socket.destroy();
  }
}

/** The port of the process's first listener, or null. */
export function listeningPort(pid: number): number | null {
  const listeners = readSockets(pid, readFds(pid).socketInodes).filter(
    ({ state }) => state === 'LISTEN',
  );
  return listeners[0]?.localPort ?? null;
}
