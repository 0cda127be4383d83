/** What the processes of a target hold, as /proc tells: the same for every language. */
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Fds, readFds } from '../../platform/procfs/fds.ts';
import { readChildren, readStat, readThreads } from '../../platform/procfs/process.ts';
import { readSockets, type Socket } from '../../platform/procfs/sockets.ts';
import { memoryBytes } from './memory.ts';
import { added, type Reading, tally } from './reading.ts';

export interface ProcessesOptions {
  pids: readonly number[];
  /** Names of the ports that the target connects to: `{ 41234: 'llm' }`. */
  peers: Readonly<Record<number, string>>;
  temporaryFolder: string | null;
}

/** A folder with more files than this is counted no further. */
const MOST_FILES = 50_000;

export function readProcesses({ pids, peers, temporaryFolder }: ProcessesOptions): Reading {
  const fds = pids.map(readFds);
  const inodes = new Set(fds.flatMap(({ socketInodes }) => [...socketInodes]));
  const [root] = pids;
  // A socket that several of them hold is one socket.
  const sockets = root === undefined ? [] : readSockets(root, inodes);
  const threads = pids.flatMap(readThreads);
  const children = pids.flatMap(readChildren);
  const temporary = temporaryFolder === null ? {} : filesBelow(temporaryFolder);
  return {
    values: {
      ...prefixed('fds', added(fds.map(({ byKind }) => byKind))),
      ...prefixed('sockets', tally(sockets.map(groupOf(sockets, peers)))),
      threads: threads.reduce((sum, { count }) => sum + count, 0),
      children: children.length,
      memory: pids.reduce((sum, pid) => sum + memoryBytes(pid), 0),
      ...temporary,
    },
    parts: {
      'fds: file': added(fds.map(pathsOf)),
      sockets: tally(sockets.map(endsOf(sockets))),
      threads: added(threads.map(({ name, count }) => ({ [name.replace(/\d+/g, '*')]: count }))),
      children: tally(children.map(commandOf)),
    },
  };
}

function prefixed(group: string, counts: Record<string, number>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(counts).map(([name, count]) => [`${group}: ${name}`, count]),
  );
}

/** Names that differ in their numbers only are one kind: what leaks is often a file of its own each time. */
function pathsOf({ byPath }: Fds): Record<string, number> {
  return added(
    Object.entries(byPath).map(([path, count]) => ({ [path.replace(UNIQUE, '*')]: count })),
  );
}

const UNIQUE = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|\b[\da-f]{8,}\b|\d+/gi;

/** By peer and state: `front ESTABLISHED`, `llm CLOSE_WAIT`. */
function groupOf(sockets: readonly Socket[], peers: ProcessesOptions['peers']) {
  const listening = listeningPorts(sockets);
  return ({ state, localPort, remotePort }: Socket): string => {
    if (state === 'LISTEN') return 'LISTEN';
    const peer = listening.has(localPort) ? 'front' : (peers[remotePort] ?? 'other');
    return `${peer} ${state}`;
  };
}

/** By both ends, as far as they tell one socket from another: a client's own port does not. */
function endsOf(sockets: readonly Socket[]) {
  const listening = listeningPorts(sockets);
  return ({ state, localPort, remoteAddress, remotePort }: Socket): string => {
    if (state === 'LISTEN') return `LISTEN on port ${localPort}`;
    if (listening.has(localPort)) return `${state} from clients of port ${localPort}`;
    return `${state} to ${remoteAddress}:${remotePort}`;
  };
}

function listeningPorts(sockets: readonly Socket[]): Set<number> {
  return new Set(sockets.flatMap(({ state, localPort }) => (state === 'LISTEN' ? localPort : [])));
}

function commandOf(pid: number): string {
  const stat = readStat(pid);
  if (!stat) return 'gone';
  return stat.state === 'Z' ? `${stat.name} (ended, not reaped)` : stat.name;
}

/** Links are not followed: what they point to is somebody else's. */
function filesBelow(folder: string): { 'temporary files': number; 'temporary bytes': number } {
  let [files, bytes] = [0, 0];
  const waiting = [folder];
  for (
    let next = waiting.shift();
    next !== undefined && files < MOST_FILES;
    next = waiting.shift()
  ) {
    for (const entry of entriesIn(next)) {
      const path = join(next, entry.name);
      if (entry.isDirectory()) {
        waiting.push(path);
        continue;
      }
      files++;
      bytes += lstatSync(path, { throwIfNoEntry: false })?.size ?? 0;
    }
  }
  return { 'temporary files': files, 'temporary bytes': bytes };
}

function entriesIn(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    // Gone meanwhile.
    return [];
  }
}
