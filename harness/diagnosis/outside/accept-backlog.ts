/**
 * Connections that wait to be accepted. A busy server has some at most instants and is rid of them when
 * its loop turns next, so what counts is what was there at every look.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { readFds } from '../../platform/procfs/fds.ts';
import { readSockets, type Socket } from '../../platform/procfs/sockets.ts';

/** Looks after the window's first and last, taken only while each so far has found some. */
const MORE_LOOKS = 4;
const APART_MS = 60;

/**
 * By port, the fewest that waited at any look; ports where none waited are left out.
 * @param first the sockets at the window's begin: what hanglab asked since is not among them.
 */
export async function standingBacklog(
  pid: number,
  first: readonly Socket[],
  last: readonly Socket[],
  signal?: AbortSignal,
): Promise<Record<number, number>> {
  let standing = fewest(waiting(first), waiting(last));
  for (let look = 0; look < MORE_LOOKS && standing.size > 0; look++) {
    await sleep(APART_MS, undefined, { signal });
    standing = fewest(standing, waiting(readSockets(pid, readFds(pid).socketInodes)));
  }
  return Object.fromEntries(standing);
}

/** The kernel counts connections there, where other sockets have bytes. */
function waiting(sockets: readonly Socket[]): Map<number, number> {
  const listeners = sockets.filter(
    ({ state, receiveQueueBytes }) => state === 'LISTEN' && receiveQueueBytes > 0,
  );
  return new Map(
    listeners.map(({ localPort, receiveQueueBytes }) => [localPort, receiveQueueBytes]),
  );
}

function fewest(a: ReadonlyMap<number, number>, b: ReadonlyMap<number, number>) {
  return new Map(
    [...a].flatMap(([port, count]) => {
      const other = b.get(port);
      return other === undefined ? [] : [[port, Math.min(count, other)] as const];
    }),
  );
}
