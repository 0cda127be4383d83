/**
 * What anybody would want to know of a process's sockets, children and files, whatever the diagnosis:
 * one line each, and none when there is nothing. A line here decides nothing. Pure.
 *
 * Only what lasted through the whole window counts: a busy server has bytes to read, a client to accept
 * and a child to reap at any instant, and is rid of them at the next. What hanglab asked of it itself
 * comes after the window's first look, and so is not among it.
 */
import { listeningPorts } from '../../../platform/procfs/listening.ts';
import type { Socket } from '../../../platform/procfs/sockets.ts';
import type { OutsideFacts, TcpInfo } from '../../facts/outside-facts.ts';
import { unreapedTexts } from '../../wording/children.ts';
import { plural } from '../../wording/numbers.ts';
import { queuesOf, socketGroups, socketGroupText } from '../../wording/sockets.ts';
import { someOf } from '../../wording/text.ts';
import { openFiles, openFilesText } from './open-files.ts';

/** Pools of connections to one embedded database open its file up to some ten times. */
const OFTEN = 12;
/** Databases keep hundreds of files of one kind open; a limit of 1024 is then near. */
const MANY = 400;
const NEAR_LIMIT = 0.8;
/** More than a message or two: the smallest send buffer that Linux gives by default (tcp_wmem). */
const FULL_QUEUE_BYTES = 16_384;

/** The lines for an observation, at most three, none over 400 characters. */
export function notableLines(
  pid: number,
  seen: OutsideFacts,
  links: Readonly<Record<string, number>>,
): string[] {
  return [notableSockets(seen, links), unreapedTexts({ pid, ...seen }), notableFiles(seen)].flatMap(
    (parts) => (parts.length > 0 ? someOf(parts) : []),
  );
}

function notableSockets(
  { sockets, firstSockets, backlog, tcp, windowMs }: OutsideFacts,
  links: Readonly<Record<string, number>>,
): string[] {
  const before = new Map(firstSockets.map((socket) => [socket.inode, socket]));
  const lasting = sockets.filter((socket) => {
    const first = before.get(socket.inode);
    return (
      first?.state === socket.state && hasLasted(first, socket, tcp[socket.inode], windowMs / 2)
    );
  });
  const waiting = Object.entries(backlog).map(([port, count]) => {
    const wait = count === 1 ? 'waits' : 'wait';
    return `${plural(count, 'connection')} ${wait} to be accepted on port ${port}`;
  });
  const groups = socketGroups(lasting, tcp, links, listeningPorts(sockets));
  return [...waiting, ...groups.map(socketGroupText)];
}

/** @param stillMs a busy connection has bytes in it at many an instant: after so long they are the same. */
function hasLasted(
  first: Socket,
  socket: Socket,
  age: TcpInfo | undefined,
  stillMs: number,
): boolean {
  if (socket.state === 'LISTEN') return false;
  if (socket.state === 'CLOSE_WAIT' || socket.state === 'SYN_SENT') return true;
  const [then, now] = [queuesOf(first), queuesOf(socket)];
  const isStill = (then: number, now: number, sinceMs = Number.POSITIVE_INFINITY) =>
    Math.min(then, now) > (sinceMs > stillMs ? 0 : FULL_QUEUE_BYTES);
  return (
    isStill(then.unread, now.unread, age?.receivedMs) ||
    isStill(then.unsent, now.unsent, age?.sentMs)
  );
}

function notableFiles({ fdsByPath, fdLimit, last, workingDirectory }: OutsideFacts): string[] {
  const isNearLimit = fdLimit !== null && last.fds >= NEAR_LIMIT * fdLimit;
  const limit = isNearLimit
    ? [
        `${last.fds} of at most ${fdLimit} descriptors are open: at the limit nothing is accepted or opened`,
      ]
    : [];
  const often = openFiles(fdsByPath, workingDirectory).filter(
    ({ files, count }) => count >= MANY || count / files >= OFTEN,
  );
  return [...limit, ...often.map(openFilesText)];
}
