/**
 * Sockets in words: by state and the peer at the other end, with what has not been read or sent, and how
 * long nothing was heard. Pure.
 */

import { listeningPorts } from '../../platform/procfs/listening.ts';
import type { Socket } from '../../platform/procfs/sockets.ts';
import type { TcpInfo } from '../facts/outside-facts.ts';
import { plural, seconds } from './numbers.ts';

export interface SocketGroup {
  state: string;
  /** `to llm at 127.0.0.1:9101`, `from clients of port 8080`, `on port 8080` of a listener. */
  peer: string;
  count: number;
  unreadBytes: number;
  /** Sent and not acknowledged: the peer does not read, or is not there. */
  unsentBytes: number;
  /** Closed by the peer, and the program has not read up to that. */
  endsUnread: number;
  /** Of the one that was heard longest ago; null when nothing shows it. */
  heardMs: number | null;
}

/**
 * Groups of sockets, the largest first.
 * @param links ports of upstreams by the name of their link.
 * @param listening the ports of all the process's listeners, of which `sockets` may be a part only.
 */
export function socketGroups(
  sockets: readonly Socket[],
  tcp: Readonly<Record<number, TcpInfo>>,
  links: Readonly<Record<string, number>> = {},
  listening: ReadonlySet<number> = listeningPorts(sockets),
): SocketGroup[] {
  const groups = new Map<string, SocketGroup>();
  for (const socket of sockets) {
    const { state } = socket;
    const peer = peerOf(socket, links, listening);
    const group = groups.get(`${state} ${peer}`) ?? {
      state,
      peer,
      count: 0,
      unreadBytes: 0,
      unsentBytes: 0,
      endsUnread: 0,
      heardMs: null,
    };
    const { unread, unsent, endUnread } = queuesOf(socket);
    const heardMs = tcp[socket.inode]?.receivedMs ?? null;
    group.count++;
    group.unreadBytes += unread;
    group.unsentBytes += unsent;
    group.endsUnread += endUnread ? 1 : 0;
    if (heardMs !== null) group.heardMs = Math.max(group.heardMs ?? 0, heardMs);
    groups.set(`${state} ${peer}`, group);
  }
  return [...groups.values()].sort((a, b) => b.count - a.count || a.peer.localeCompare(b.peer));
}

/** `38 CLOSE_WAIT to llm at 127.0.0.1:9101, oldest last heard 13.2 s ago, 38 unread bytes`. */
export function socketGroupText(group: SocketGroup): string {
  const { state, peer, count, unreadBytes, unsentBytes, endsUnread, heardMs } = group;
  if (state === 'LISTEN') {
    return `${plural(count, 'listener')} ${peer}`;
  }
  const heard = heardMs === null ? '' : `${seconds(heardMs)} ago`;
  return [
    `${count} ${state} ${peer}`,
    ...(heard ? [`${count === 1 ? '' : 'oldest '}last heard ${heard}`] : []),
    ...(unreadBytes > 0 ? [plural(unreadBytes, 'unread byte')] : []),
    ...(unsentBytes > 0 ? [`${plural(unsentBytes, 'byte')} not acknowledged`] : []),
    ...(endsUnread > 0
      ? [`${endsUnread === count ? '' : `${endsUnread} `}not read to the end`]
      : []),
  ].join(', ');
}

/**
 * The kernel counts the end of a stream (FIN) as one more byte that is to be read, and an opening or
 * ending of ours as one more to be acknowledged; neither is a byte of anybody's.
 */
export function queuesOf({ state, receiveQueueBytes, sendQueueBytes }: Socket): {
  unread: number;
  unsent: number;
  endUnread: boolean;
} {
  if (state === 'LISTEN') return { unread: 0, unsent: 0, endUnread: false };
  const endUnread = state === 'CLOSE_WAIT' && receiveQueueBytes > 0;
  const ownMark = /^(SYN_|FIN_WAIT1|LAST_ACK|CLOSING)/.test(state);
  return {
    unread: endUnread ? receiveQueueBytes - 1 : receiveQueueBytes,
    unsent: ownMark ? Math.max(0, sendQueueBytes - 1) : sendQueueBytes,
    endUnread,
  };
}

function peerOf(
  { state, localPort, remoteAddress, remotePort }: Socket,
  links: Readonly<Record<string, number>>,
  listening: ReadonlySet<number>,
): string {
  if (state === 'LISTEN') return `on port ${localPort}`;
  if (listening.has(localPort)) return `from clients of port ${localPort}`;
  const link = Object.entries(links).find(([, port]) => port === remotePort)?.[0];
  const host = remoteAddress.includes(':') ? `[${remoteAddress}]` : remoteAddress;
  return `to ${link ? `${link} at ` : ''}${host}:${remotePort}`;
}
