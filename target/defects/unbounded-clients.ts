/** Clients of the event stream without limits: what is buffered for a client is never checked. */
import type { WebSocket } from 'ws';
import { type EventClients, subscribers } from '../events/clients.ts';

interface Member {
  socket: WebSocket;
  sessionId: string | null;
  send(data: Buffer | string): void;
}

/** Each client gets its own copy of every event. */
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
    of: (sessionId) => subscribers(members, sessionId),
    get count() {
      return members.size;
    },
    close() {
      for (const { socket } of members) socket.terminate();
    },
  };
}
