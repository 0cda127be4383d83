/**
 * What the kernel's counters say of a process's requests, in any language: which clients wait for an answer, since
 * when, and on which connections bytes moved between the first look and the last.
 */
import { listeningPorts } from '../../../platform/procfs/listening.ts';
import type { Socket } from '../../../platform/procfs/sockets.ts';
import type { OutsideFacts, TcpInfo } from '../../facts/outside-facts.ts';
import type { Case } from '../rule.ts';

/** A client's connection. */
export interface ClientConnection {
  socket: Socket;
  /**
   * The client has sent something and nothing has gone back since. An idle connection of HTTP/2 looks the same when
   * the client spoke last. False for a stream whose first bytes are out.
   */
  isUnanswered: boolean;
  /** Since the client last sent a byte: a request on it is at least so old. */
  silentMs: number;
  /** Bytes were received, or acknowledged by the client, between the two looks. */
  hasMoved: boolean;
}

/** What is seen from outside of a process's requests. */
export interface ClientTraffic {
  /** False where the kernel's counters could not be had (no `ss`): the rest says nothing then. */
  isKnown: boolean;
  connections: readonly ClientConnection[];
  /** Connections whose client waited at the first look, and has been answered or has gone since; or both asked and was answered between. */
  ended: number;
  /** Of the unanswered ones, the longest wait; null when there are none. */
  oldestMs: number | null;
}

/**
 * Of the connections to its listening ports; of the health path's port too where that is no longer listened on.
 * hanglab's own requests are over by the last look, but for one that is not answered.
 */
export function clientTraffic({ outside, asked }: Pick<Case, 'outside' | 'asked'>): ClientTraffic {
  const { sockets, firstSockets, tcp, firstTcp } = outside;
  const ports = clientPorts(outside, asked.healthUrl);
  const ofClients = (all: readonly Socket[]) =>
    all.filter(({ state, localPort }) => state !== 'LISTEN' && ports.has(localPort));
  const connections = ofClients(sockets).flatMap((socket) => {
    const info = tcp[socket.inode];
    if (!info || socket.state !== 'ESTABLISHED') return [];
    const hasMoved = socketMoved(outside, socket.inode) ?? true;
    return [{ socket, isUnanswered: isUnanswered(info), silentMs: info.receivedMs, hasMoved }];
  });
  const now = new Map(connections.map((each) => [each.socket.inode, each]));
  const ended = ofClients(firstSockets).filter(({ inode }) => {
    const before = firstTcp[inode];
    if (!before) return false;
    const waited = isUnanswered(before);
    const after = now.get(inode);
    if (!after) return waited;
    const { bytesReceived = 0, bytesAcked = 0 } = tcp[inode] ?? {};
    const isAnswered = bytesAcked > before.bytesAcked && !after.isUnanswered;
    return isAnswered && (waited || bytesReceived > before.bytesReceived);
  });
  const waits = connections.filter(({ isUnanswered }) => isUnanswered);
  return {
    isKnown: Object.keys(tcp).length > 0 || ofClients(sockets).length === 0,
    connections,
    ended: ended.length,
    oldestMs: waits.length === 0 ? null : Math.max(...waits.map(({ silentMs }) => silentMs)),
  };
}

/**
 * Where nothing was ever sent, the kernel counts from the begin of the connection: often the same tick as the
 * request's. The acknowledged handshake counts as a byte.
 */
export function isUnanswered({ bytesReceived, receivedMs, sentMs, bytesAcked }: TcpInfo): boolean {
  if (bytesReceived === 0) return false;
  return receivedMs < sentMs || (receivedMs === sentMs && bytesAcked <= 1);
}

/** Ports on which clients connect. */
export function clientPorts(
  { sockets, firstSockets }: OutsideFacts,
  healthUrl: string | null,
): ReadonlySet<number> {
  const url = healthUrl === null ? null : URL.parse(healthUrl);
  const health = url && Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  return new Set([
    ...listeningPorts(firstSockets),
    ...listeningPorts(sockets),
    ...(health ? [health] : []),
  ]);
}

/** Whether a byte came in, or was acknowledged, between the two looks; null where nothing shows it, or it was not open at the first. */
export function socketMoved({ tcp, firstTcp }: OutsideFacts, inode: number): boolean | null {
  const [before, after] = [firstTcp[inode], tcp[inode]];
  if (!before || !after) return null;
  return after.bytesReceived > before.bytesReceived || after.bytesAcked > before.bytesAcked;
}
