/**
 * What anybody would want to know of a process's sockets, children and files, whatever the diagnosis:
 * one line each, and none when there is nothing. A line here convicts nobody. Pure.
 *
 * Only what stood through the whole window counts: a busy server has bytes to read, a client to accept
 * and a child to reap at any instant, and is rid of them at the next. What hanglab asked of it itself
 * comes after the window's first look, and so is not among it.
 */
import type { Socket } from '../../platform/procfs/sockets.ts';
import type { Observation } from '../outside/observe.ts';
import type { SocketAge } from '../outside/socket-ages.ts';
import { unreapedTexts } from '../wording/children.ts';
import { someOf } from '../wording/redact.ts';
import { listeningPorts, queuesOf, socketGroups, socketGroupText } from '../wording/sockets.ts';
import { openFiles, openFilesText } from './open-files.ts';

/** Pools of connections to one embedded database open its file up to some ten times. */
const OFTEN = 12;
/** Databases keep hundreds of files of one kind open; a limit of 1024 is then near. */
const MANY = 400;
const NEAR_LIMIT = 0.8;
/** More than a message or two: the smallest send buffer that Linux gives by default (tcp_wmem). */
const FULL_QUEUE_BYTES = 16_384;

/** The lines for an observation, at most three, none over 400 characters. */
export function notableLines(seen: Observation, links: Readonly<Record<string, number>>): string[] {
  return [notableSockets(seen, links), unreapedTexts(seen), notableFiles(seen)].flatMap((parts) =>
    parts.length > 0 ? someOf(parts) : [],
  );
}

function notableSockets(
  { sockets, firstSockets, backlog, ages, windowMs }: Observation,
  links: Readonly<Record<string, number>>,
): string[] {
  const before = new Map(firstSockets.map((socket) => [socket.inode, socket]));
  const standing = sockets.filter((socket) => {
    const first = before.get(socket.inode);
    return (
      first?.state === socket.state && stands(first, socket, ages.get(socket.inode), windowMs / 2)
    );
  });
  const waiting = [...backlog].map(([port, count]) => {
    const who = count === 1 ? '1 connection waits' : `${count} connections wait`;
    return `${who} to be accepted on port ${port}`;
  });
  const groups = socketGroups(standing, ages, links, listeningPorts(sockets));
  return [...waiting, ...groups.map(socketGroupText)];
}

/** @param stillMs a busy connection has bytes in it at many an instant: after so long they are the same. */
function stands(
  first: Socket,
  socket: Socket,
  age: SocketAge | undefined,
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

function notableFiles({ fds, fdLimit, last, workingDirectory }: Observation): string[] {
  const isNearLimit = fdLimit !== null && last.fds >= NEAR_LIMIT * fdLimit;
  const limit = isNearLimit
    ? [
        `${last.fds} of at most ${fdLimit} descriptors are open: at the limit nothing is accepted or opened`,
      ]
    : [];
  const often = openFiles(fds.byPath, workingDirectory).filter(
    ({ files, count }) => count >= MANY || count / files >= OFTEN,
  );
  return [...limit, ...often.map(openFilesText)];
}
