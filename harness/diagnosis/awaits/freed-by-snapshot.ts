/**
 * A hang that the look itself ends: the collection before a heap snapshot cancels a `fetch` whose body nobody
 * holds, and its connection is free again. So unread bytes are noted before, and looked for afterwards.
 */
import { readFds } from '../../platform/procfs/fds.ts';
import { readSockets, type Socket } from '../../platform/procfs/sockets.ts';
import type { Looked } from '../inside-view.ts';
import type { Observation } from '../outside/observe.ts';
import { unreadSockets } from './upstream-verdict.ts';
import type { AwaitVerdict } from './verdict.ts';

/** Bytes that came in before the window began and were not read all the while: others are being read. */
export function leftUnread({ firstSockets, sockets, ages, windowMs }: Observation): Socket[] {
  const before = new Map(unreadSockets(firstSockets).map((socket) => [socket.inode, socket]));
  return unreadSockets(sockets).filter(({ inode, receiveQueueBytes }) => {
    const stood = (before.get(inode)?.receiveQueueBytes ?? 0) >= receiveQueueBytes;
    return stood && (ages.get(inode)?.receivedMs ?? windowMs) >= windowMs;
  });
}

/** Sockets with unread bytes that were there before the look and have been let go of by it. */
export async function freedByLooking(pid: number, before: readonly Socket[]): Promise<Socket[]> {
  if (before.length === 0) return [];
  const now = new Map(
    readSockets(pid, readFds(pid).socketInodes).map((socket) => [socket.inode, socket]),
  );
  return before.filter(({ inode, receiveQueueBytes }) => {
    const left = now.get(inode)?.receiveQueueBytes ?? 0;
    return left < receiveQueueBytes / 2;
  });
}

export function healed(
  freed: readonly Socket[],
  verdict: AwaitVerdict | null,
): Omit<Looked, 'frozenMs'> {
  const [first] = freed;
  const bytes = freed.reduce((sum, { receiveQueueBytes }) => sum + receiveQueueBytes, 0);
  return {
    ...(verdict && { where: verdict.where }),
    code: 'body-unread',
    sentence: `Answers were not read: ${freed.length} connections to ${first?.remoteAddress}:${first?.remotePort} held ${bytes} unread bytes, and the look itself freed them.`,
    holder: null,
    evidence: [
      ...(verdict?.evidence ?? []),
      'the garbage collection of the heap snapshot cancelled bodies that nobody held any more: the hang may be gone now',
    ],
  };
}
