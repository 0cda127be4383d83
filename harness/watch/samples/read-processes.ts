/** Reads counts and connections of a tree of processes from /proc: nothing is done to them. */
import { readTcpInfo } from '../../diagnosis/outside/tcp-info.ts';
import { readFds } from '../../platform/procfs/fds.ts';
import { listenersAmong, listeningPorts } from '../../platform/procfs/listening.ts';
import { readLight } from '../../platform/procfs/process.ts';
import { readSockets } from '../../platform/procfs/sockets.ts';
import type { Connections, Counts } from './sample.ts';

/** A crowded server would fill the memory of whoever watches it: of so many of a kind each is kept. */
const MOST_KEPT = 1000;

/** Some 0.1 ms a process. */
export function readCounts(pids: readonly number[]): Counts {
  const counts: Counts = {
    ...{ processes: 0, fds: 0, threads: 0, children: 0, memoryBytes: 0, cpuMs: 0 },
  };
  for (const pid of pids) {
    const light = readLight(pid);
    if (!light?.alive) continue;
    counts.processes++;
    counts.fds += light.fds;
    counts.threads += light.threads;
    counts.children += light.children;
    counts.memoryBytes += light.rssBytes;
    counts.cpuMs += light.cpuMs;
  }
  return counts;
}

/**
 * Some 10 ms, and as much again for the ages.
 * @param withAges whether to ask `ss` how old the requests are; without `ss` there are none.
 */
export async function readConnections(
  pids: readonly number[],
  withAges: boolean,
  signal: AbortSignal,
): Promise<Connections> {
  const [root] = pids;
  const inodes = new Set(pids.flatMap((pid) => [...inodesOf(pid)]));
  const sockets = root === undefined ? [] : readSockets(root, inodes);
  const ports = listeningPorts(sockets);
  const clients = sockets.filter(
    ({ state, localPort }) => state !== 'LISTEN' && ports.has(localPort),
  );
  const backlog: Record<number, number> = {};
  for (const { localPort, receiveQueueBytes } of listenersAmong(sockets)) {
    // On a listening socket the kernel counts connections there.
    backlog[localPort] = (backlog[localPort] ?? 0) + receiveQueueBytes;
  }
  const open = clients.filter(({ state }) => state === 'ESTABLISHED');
  const infos: Awaited<ReturnType<typeof readTcpInfo>> = withAges
    ? await readTcpInfo(new Set(open.map(({ inode }) => inode)), signal)
    : {};
  return {
    clients: clients.length,
    closeWait: clients.filter(({ state }) => state === 'CLOSE_WAIT').length,
    backlog,
    unread: clients
      .filter(({ receiveQueueBytes }) => receiveQueueBytes > 0)
      .map(({ inode, receiveQueueBytes }) => ({ inode, bytes: receiveQueueBytes }))
      // The same ones at each look.
      .sort((a, b) => a.inode - b.inode)
      .slice(0, MOST_KEPT),
    unanswered: Object.entries(infos)
      .filter(
        ([, { receivedMs, sentMs, bytesReceived }]) => bytesReceived > 0 && receivedMs < sentMs,
      )
      .map(([inode, { receivedMs }]) => ({ inode: Number(inode), ageMs: receivedMs }))
      .sort((a, b) => b.ageMs - a.ageMs)
      .slice(0, MOST_KEPT),
  };
}

/** A process may end while it is looked at. */
function inodesOf(pid: number): ReadonlySet<number> {
  try {
    return readFds(pid).socketInodes;
  } catch {
    return new Set();
  }
}
