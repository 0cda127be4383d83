/** The TCP ports on which a process listens. */
import { readFds } from './fds.ts';
import { listenersAmong } from './listening.ts';
import { readSockets, type Socket } from './sockets.ts';

/** Its listening sockets, in the kernel's order. The price is that of `readSockets`. */
export function readListeners(pid: number): Socket[] {
  return listenersAmong(readSockets(pid, readFds(pid).socketInodes));
}
