/** Clients of the event stream without bounds: none is ever looked at, whatever waits for it. */
import type { WebSocket } from 'ws';
import { type EventClients, wanting } from '../events/clients.ts';

interface Member {
  socket: WebSocket;
  sessionId: string | null;
  send(data: Buffer | string): void;
}

/** Of these, each client gets a copy of its own. */
export function unboundedClients(): EventClients {
  const members = new Set<Member>();
  return {
    add(socket, sessionId) {
      const send = (data: Buffer | string) => socket.send(String(data));
      const member: Member = { socket, sessionId, send };
      members.add(member);
      socket.on('error', () => {});
      socket.once('close', () => members.delete(member));
    },
    of: (sessionId) => wanting(members, sessionId),
    get count() {
      return members.size;
    },
    close() {
      for (const { socket } of members) socket.terminate();
    },
  };
}
