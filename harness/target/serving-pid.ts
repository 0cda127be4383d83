/** Which process of a target answers its requests: the one that may hang. */
import { readFds } from '../platform/procfs/fds.ts';
import { readSockets } from '../platform/procfs/sockets.ts';
import type { ProcessTree } from './process-tree.ts';

/**
 * The process that listens on `port`. Where several do (a master and its workers), the one that holds most
 * connections of clients, and of equals the youngest: a master has none. The first process when none does.
 */
export function servingPid(processes: ProcessTree, port: number): number {
  const candidates = processes.pids().flatMap((pid) => {
    const sockets = readSockets(pid, readFds(pid).socketInodes);
    const own = sockets.filter(({ localPort }) => localPort === port);
    if (!own.some(({ state }) => state === 'LISTEN')) return [];
    return [{ pid, connections: own.filter(({ state }) => state !== 'LISTEN').length }];
  });
  const best = candidates.reduce<(typeof candidates)[number] | null>(
    (a, b) => (a && a.connections > b.connections ? a : b),
    null,
  );
  return best?.pid ?? processes.rootPid;
}
