/** Which of a process's sockets listen, and which are its clients'. Pure. */
import type { Socket } from './sockets.ts';

export function listenersAmong(sockets: readonly Socket[]): Socket[] {
  return sockets.filter(({ state }) => state === 'LISTEN');
}

/** Ports that are listened on: what is connected to them are clients. */
export function listeningPorts(sockets: readonly Socket[]): Set<number> {
  return new Set(listenersAmong(sockets).map(({ localPort }) => localPort));
}

/** From where a listener is reached on this machine: one on all addresses is reached by loopback. */
export function addressOf({ localAddress }: Socket): string {
  if (localAddress === '0.0.0.0') return '127.0.0.1';
  return localAddress === '::' ? '::1' : localAddress;
}
