/** Where a master listens and workers answer: the worker whose client waits longest is the one to look at. */
import { readFds } from '../../platform/procfs/fds.ts';
import { readStat } from '../../platform/procfs/process.ts';
import { readSockets, type Socket } from '../../platform/procfs/sockets.ts';
import { readDescendants } from './descendants.ts';
import { readTcpInfo } from './tcp-info.ts';

interface Worker {
  pid: number;
  /** Connections of clients. */
  connections: Socket[];
  isListening: boolean;
}

/**
 * @param found a process that listens on `port`.
 * @returns of it, its parents that listen there too, and all below them: the process that has the client who has waited
 * longest; of equals the one with most clients; without any client `found`, or its youngest child that listens as well.
 */
export async function servingProcess(
  found: number,
  port: number,
  signal?: AbortSignal,
): Promise<number> {
  const top = masterOf(found, port);
  const workers = [top, ...readDescendants(top).map(({ pid }) => pid)].map((pid) =>
    workerAt(pid, port),
  );
  const inodes = workers.flatMap(({ connections }) => connections.map(({ inode }) => inode));
  const tcp = await readTcpInfo(new Set(inodes), signal);
  const waitMs = ({ connections }: Worker): number =>
    Math.max(
      0,
      ...connections.map(({ inode }) => {
        const { bytesReceived = 0, receivedMs = 0, sentMs = 0 } = tcp[inode] ?? {};
        return bytesReceived > 0 && receivedMs < sentMs ? receivedMs : 0;
      }),
    );
  const [first] = workers.toSorted(
    (a, b) =>
      waitMs(b) - waitMs(a) ||
      b.connections.length - a.connections.length ||
      Number(b.isListening) - Number(a.isListening) ||
      b.pid - a.pid,
  );
  return first?.pid ?? found;
}

function masterOf(pid: number, port: number): number {
  const parent = readStat(pid)?.parent ?? 0;
  return parent > 1 && workerAt(parent, port).isListening ? masterOf(parent, port) : pid;
}

function workerAt(pid: number, port: number): Worker {
  const own = socketsOf(pid).filter(({ localPort }) => localPort === port);
  const isListener = ({ state }: Socket) => state === 'LISTEN';
  return {
    pid,
    connections: own.filter((each) => !isListener(each)),
    isListening: own.some(isListener),
  };
}

/** None where they may not be read, or the process has gone. */
function socketsOf(pid: number): Socket[] {
  try {
    return readSockets(pid, readFds(pid).socketInodes);
  } catch {
    return [];
  }
}
