import type { WebSocket } from 'ws';
import type { Broadcast } from '../../events/broadcast.ts';
import { type EventClients, subscribers } from '../../events/clients.ts';
import type { ServerEvent } from '../../events/events.ts';
import type { LiveStats } from '../../events/live-stats.ts';
import { defect } from '../defect.ts';

interface Member {
  socket: WebSocket;
  sessionId: string | null;
  send(data: Buffer): void;
  /** Resolvers that wait for its pongs, in order. */
  waiting: (() => void)[];
}

interface AwaitedClients extends EventClients {
  /** Resolves when all subscribers of the session have read everything sent so far. */
  haveRead(sessionId: string): Promise<void>;
}

export default defect({
  why: 'A piece of an answer is sent only after every client has read the previous one.',
  parts: () => ({
    eventClients: () => awaitedClients(),
    broadcast: ({ eventClients, liveStats }) =>
      awaitingBroadcast(eventClients as AwaitedClients, liveStats),
  }),
});

function awaitedClients(): AwaitedClients {
  const members = new Set<Member>();
  return {
    add(socket, sessionId) {
      const send = (data: Buffer) => socket.send(String(data));
      const member: Member = { socket, sessionId, send, waiting: [] };
      members.add(member);
      socket.on('error', () => {});
      socket.on('pong', () => member.waiting.shift()?.());
      socket.once('close', () => {
        members.delete(member);
        for (const resolve of member.waiting) resolve();
      });
    },
    of: (sessionId) => subscribers(members, sessionId),
    async haveRead(sessionId) {
      await Promise.all([...subscribers(members, sessionId)].map(hasRead));
    },
    get count() {
      return members.size;
    },
    close() {
      for (const { socket } of members) socket.terminate();
    },
  };
}

/** The client reads the ping after everything sent before it, so its pong confirms all of that. */
function hasRead({ socket, waiting }: Member): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    socket.ping();
  });
}

function awaitingBroadcast(clients: AwaitedClients, stats: LiveStats): Broadcast {
  const offsets = new Map<string, number>();
  const send = async (event: ServerEvent) => {
    const data = Buffer.from(JSON.stringify(event));
    for (const client of clients.of(event.sessionId)) client.send(data);
    await clients.haveRead(event.sessionId);
  };
  return {
    async piece(turn, path, text) {
      const offset = offsets.get(turn.turnId) ?? 0;
      offsets.set(turn.turnId, offset + text.length);
      await send({ type: 'delta', ...turn, offset, pieces: [{ path, text }] });
    },
    async emit(event) {
      if (event.type === 'turn' && event.state !== 'started') offsets.delete(event.turnId);
      await send(event);
      const now = event.type === 'task' ? null : stats.of(event.sessionId);
      if (now) await send({ type: 'stats', sessionId: event.sessionId, ...now });
    },
    stop() {},
  };
}
