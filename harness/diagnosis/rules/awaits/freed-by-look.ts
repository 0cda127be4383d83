/**
 * A hang that the look itself ends: the collection before a heap snapshot cancels a `fetch` whose body nobody
 * holds, and its connection is free again. So unread bytes are noted before, and looked for afterwards.
 */
import type { Socket } from '../../../platform/procfs/sockets.ts';
import type { OutsideFacts } from '../../facts/outside-facts.ts';
import { plural } from '../../wording/numbers.ts';
import type { Rule } from '../rule.ts';
import { awaitCase, awaitsWanted, looksAtAwaits } from './await-case.ts';
import { unreadSockets } from './upstream.ts';

export const freedByLook: Rule = {
  codes: ['body-unread'],
  judge(subject) {
    if (!looksAtAwaits(subject)) return null;
    if (!subject.process.awaits) return { wants: awaitsWanted(subject) };
    const awaits = awaitCase(subject);
    const freed = awaits ? freedAmong(leftUnread(subject.outside), awaits.facts.socketsAfter) : [];
    const [first] = freed;
    if (!awaits || !first) return null;
    const { verdict } = awaits;
    const bytes = freed.reduce((sum, { receiveQueueBytes }) => sum + receiveQueueBytes, 0);
    return {
      verdict: {
        code: 'body-unread',
        sentence: `Answers were not read: ${plural(freed.length, 'connection')} to ${first.remoteAddress}:${first.remotePort} held ${plural(bytes, 'unread byte')}, and the look itself freed them.`,
        where: verdict?.where ?? [],
        holder: null,
        evidence: [
          ...(verdict?.evidence ?? []),
          'the garbage collection of the heap snapshot cancelled bodies that nobody held any more: the hang may be gone now',
        ],
      },
    };
  },
};

/** Bytes that came in before the window began and were not read all the while: others are being read. */
function leftUnread({ firstSockets, sockets, tcp, windowMs }: OutsideFacts): Socket[] {
  const before = new Map(unreadSockets(firstSockets).map((socket) => [socket.inode, socket]));
  return unreadSockets(sockets).filter(({ inode, receiveQueueBytes }) => {
    const stayed = (before.get(inode)?.receiveQueueBytes ?? 0) >= receiveQueueBytes;
    return stayed && (tcp[inode]?.receivedMs ?? windowMs) >= windowMs;
  });
}

function freedAmong(before: readonly Socket[], after: readonly Socket[]): Socket[] {
  const now = new Map(after.map((socket) => [socket.inode, socket]));
  return before.filter(({ inode, receiveQueueBytes }) => {
    const left = now.get(inode)?.receiveQueueBytes ?? 0;
    return left < receiveQueueBytes / 2;
  });
}
