/** The full sample: descriptors by kind and path, sockets by peer and state, threads by name. Under 15 ms at 500 fds. */

import type { SocketCount } from '../history/history.ts';
import { monotonicMs } from '../platform/clock.ts';
import { readFds } from '../platform/procfs/fds.ts';
import { readThreads } from '../platform/procfs/process.ts';
import { readSockets, type Socket } from '../platform/procfs/sockets.ts';
import type { Probe } from './probe.ts';
import { cost } from './process.ts';

/** More paths than this are noise; the most often opened are kept. */
const MAX_PATHS = 20;

/** @param peers the names of the ports that the target connects to: `{ 41234: 'llm' }`. */
export function resourcesProbe(pid: number, peers: Record<number, string>, everyMs = 5000): Probe {
  return {
    name: 'resources',
    everyMs,
    sample() {
      const startMs = monotonicMs();
      const fds = readFds(pid);
      const sockets = countSockets(readSockets(pid, fds.socketInodes), peers);
      const threads = readThreads(pid);
      if (threads.length === 0) return null;
      return {
        kind: 'resources',
        fdsByKind: fds.byKind,
        fdsByPath: mostOften(fds.byPath),
        sockets,
        threads,
        costMs: cost(startMs),
      };
    },
  };
}

function countSockets(sockets: Socket[], peers: Record<number, string>): SocketCount[] {
  const listening = new Set(sockets.filter((s) => s.state === 'LISTEN').map((s) => s.localPort));
  const counts = new Map<string, SocketCount>();
  for (const socket of sockets) {
    const peer = listening.has(socket.localPort) ? 'front' : (peers[socket.remotePort] ?? 'other');
    const key = `${peer} ${socket.state}`;
    const entry = counts.get(key) ?? {
      peer,
      state: socket.state,
      count: 0,
      receiveQueueBytes: 0,
      sendQueueBytes: 0,
    };
    entry.count += 1;
    entry.receiveQueueBytes += socket.receiveQueueBytes;
    entry.sendQueueBytes += socket.sendQueueBytes;
    counts.set(key, entry);
  }
  return [...counts.values()];
}

function mostOften(byPath: Record<string, number>): Record<string, number> {
  const sorted = Object.entries(byPath).sort(([, a], [, b]) => b - a);
  return Object.fromEntries(sorted.slice(0, MAX_PATHS));
}
