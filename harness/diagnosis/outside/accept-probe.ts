/** Whether an event loop turns, when no health path is known: does it accept a bare connection? */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs } from '../../platform/clock.ts';
import { readFds } from '../../platform/procfs/fds.ts';
import { addressOf, listenersAmong } from '../../platform/procfs/listening.ts';
import { readSockets, type Socket } from '../../platform/procfs/sockets.ts';
import { sharesNamespace } from '../../platform/procfs/status.ts';

const LIMIT_MS = 1500;
const POLL_MS = 25;

/**
 * Connects, sends nothing, and watches the process's own sockets for the other end. The kernel
 * completes a connection by itself; only a loop that turns takes it from the backlog.
 * @param port of one of its listeners; of the first when there is none.
 * @returns null when it listens on no such port, or cannot be reached from here: the connection was refused, or the
 * process is in another network namespace, where the same port is somebody else's.
 */
export async function acceptsConnections(pid: number, port?: number): Promise<boolean | null> {
  const own = () => readSockets(pid, readFds(pid).socketInodes);
  const listeners = listenersAmong(own());
  const listener =
    port === undefined ? listeners[0] : listeners.find(({ localPort }) => localPort === port);
  if (!listener || !sharesNamespace(pid, 'net')) return null;
  const socket = connectTo(listener);
  try {
    const deadline = monotonicMs() + LIMIT_MS;
    const connected = await new Promise<boolean | null>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.on('error', () => resolve(null));
      // A backlog that is full: nobody has taken from it for long.
      socket.setTimeout(LIMIT_MS, () => resolve(false));
    });
    const from = socket.localPort;
    if (!connected || from === undefined) return connected && null;
    while (monotonicMs() < deadline) {
      const isTaken = ({ remotePort, localPort }: Socket) =>
        remotePort === from && localPort === listener.localPort;
      if (own().some(isTaken)) return true;
      await sleep(POLL_MS);
    }
    return false;
  } finally {
    socket.destroy();
  }
}

/** What any client may do: a loop that sleeps wakes to accept it, and sees it go. */
export function wakeByConnecting(listener: Socket): void {
  const socket = connectTo(listener);
  const end = () => socket.destroy();
  socket.once('connect', end).on('error', end).setTimeout(1000, end);
}

function connectTo(listener: Socket) {
  return connect({ port: listener.localPort, host: addressOf(listener) });
}
