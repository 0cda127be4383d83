/** What the socket tells that somebody waits for: silent, closed by the peer, or full of unread bytes. */
import type { Socket } from '../procfs.ts';
import type { AwaitVerdict } from './awaitverdict.ts';
import type { Endpoints } from './frames.ts';
import type { Looked } from './looked.ts';
import type { SocketAge } from './sockets.ts';

/** Connections that the process made itself and whose bytes it has not read. */
export function unreadSockets(sockets: readonly Socket[]): Socket[] {
  const listening = new Set(
    sockets.filter(({ state }) => state === 'LISTEN').map(({ localPort }) => localPort),
  );
  return sockets.filter(
    ({ state, localPort, receiveQueueBytes }) =>
      state !== 'LISTEN' && !listening.has(localPort) && receiveQueueBytes > 0,
  );
}

/** The verdict's code, sentence and evidence once the socket is known that the leaf waits for. */
export function judgeUpstream(
  verdict: AwaitVerdict,
  { localPort, remoteAddress, remotePort }: Endpoints,
  sockets: readonly Socket[],
  ages: ReadonlyMap<number, SocketAge>,
  links: Readonly<Record<string, number>>,
): Pick<Looked, 'code' | 'sentence' | 'holder'> & { evidence: string[] } {
  const link = Object.entries(links).find(([, port]) => port === remotePort)?.[0];
  const peer = link
    ? `link ${link} (${remoteAddress}:${remotePort})`
    : `${remoteAddress}:${remotePort}`;
  const socket = sockets.find(
    (each) => each.localPort === localPort && each.remotePort === remotePort,
  );
  const silentMs = socket && ages.get(socket.inode)?.receivedMs;
  const silence = silentMs ? ` that has been silent for ${(silentMs / 1000).toFixed(1)} s` : '';
  const [where] = verdict.where;
  const place = where ? `${where.function} (${where.file}:${where.line})` : 'a function';
  const who = verdict.requests === 1 ? '1 request waits' : `${verdict.requests} requests wait`;
  const state = socket
    ? `socket to ${peer}: ${socket.state}, ${socket.receiveQueueBytes} bytes unread, ${socket.sendQueueBytes} unsent${silence}`
    : `socket to ${peer}`;
  const evidence = [...verdict.evidence, state];
  const holder = { kind: 'socket' as const, sentence: state, where: null };
  if (socket?.state === 'CLOSE_WAIT') {
    return {
      code: 'half-closed',
      sentence: `${who}: ${peer} has closed the connection, and ${place} neither reads nor closes it.`,
      holder,
      evidence,
    };
  }
  if (socket && socket.receiveQueueBytes > 0) {
    return {
      code: 'body-unread',
      sentence: `${who}: ${peer} has answered, and ${place} does not read it (${socket.receiveQueueBytes} bytes).`,
      holder,
      evidence,
    };
  }
  // A lock's waiters wait for its holder first: the silent peer is then the reason behind the reason.
  return {
    code: verdict.code,
    sentence: `${who}: ${place} waits for ${peer}${silence}.`,
    holder,
    evidence,
  };
}
