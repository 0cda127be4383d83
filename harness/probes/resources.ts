/**
 * The full sample: descriptors by kind and path, sockets by peer and state, threads by name, files in the
 * temporary folder; over the whole process tree. Under 15 ms at 500 fds.
 */
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { SocketCount } from '../history/events.ts';
import { monotonicMs } from '../platform/clock.ts';
import { readFds } from '../platform/procfs/fds.ts';
import { readThreads } from '../platform/procfs/process.ts';
import { readSockets, type Socket } from '../platform/procfs/sockets.ts';
import { pidsBelow } from '../target/process-tree.ts';
import type { Probe } from './probe.ts';
import { cost } from './process.ts';

/** More paths than this are noise; the most often opened are kept. */
const MAX_PATHS = 20;
/** A folder with more files than this says enough. */
const MAX_FILES = 5_000;

export interface ResourceOptions {
  rootPid: number;
  /** The names of the ports that the target connects to: `{ 41234: 'llm' }`. */
  peers: Record<number, string>;
  temporaryFolder: string | null;
}

export function resourcesProbe(
  { rootPid, peers, temporaryFolder }: ResourceOptions,
  everyMs = 5000,
): Probe {
  return {
    name: 'resources',
    everyMs,
    sample() {
      const startMs = monotonicMs();
      const pids = pidsBelow(rootPid);
      if (pids.length === 0) return null;
      const fds = pids.map((pid) => readFds(pid));
      const inodes = new Set(fds.flatMap(({ socketInodes }) => [...socketInodes]));
      const temporary = temporaryFolder === null ? null : filesBelow(temporaryFolder);
      return {
        kind: 'resources',
        fdsByKind: added(fds.map(({ byKind }) => byKind)),
        fdsByPath: mostOften(added(fds.map(({ byPath }) => byPath))),
        // All of the tree share a network, and a socket that several of them hold is one socket.
        sockets: countSockets(readSockets(rootPid, inodes), peers),
        threads: threadsByName(pids),
        ...(temporary ? { temporary } : {}),
        costMs: cost(startMs),
      };
    },
  };
}

function added(counts: readonly Record<string, number>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const each of counts) {
    for (const [key, count] of Object.entries(each)) sums[key] = (sums[key] ?? 0) + count;
  }
  return sums;
}

function threadsByName(pids: readonly number[]): { name: string; count: number }[] {
  const named = pids.flatMap((pid) => readThreads(pid));
  const counts = added(named.map(({ name, count }) => ({ [name]: count })));
  return Object.entries(counts)
    .map(([name, count]) => ({ name, count }))
    .sort((a, b) => b.count - a.count || a.name.localeCompare(b.name));
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

/** Links are not followed: what they point to is somebody else's. */
function filesBelow(folder: string): { files: number; bytes: number } {
  const total = { files: 0, bytes: 0 };
  const waiting = [folder];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    for (const entry of entriesIn(next)) {
      const path = join(next, entry.name);
      if (entry.isDirectory()) waiting.push(path);
      else {
        total.files++;
        total.bytes += lstatSync(path, { throwIfNoEntry: false })?.size ?? 0;
      }
      if (total.files >= MAX_FILES) return total;
    }
  }
  return total;
}

function entriesIn(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    // Gone meanwhile.
    return [];
  }
}
