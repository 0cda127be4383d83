/**
 * The one place that reads /proc: what Linux tells about a process from outside it, at a known price.
 *
 * Every function is synchronous, needs no state and can be called from a worker thread. A process
 * that has gone is `null` (or an empty list), never an error; one that may not be read throws
 * HanglabError `not-permitted`. Prices measured on two shared cores, Linux 6.18, Node 24.
 */
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { HanglabError } from './errors.ts';

/** USER_HZ: fixed at 100 for user space on every architecture that Node runs on. */
const TICK_MS = 10;
const PAGE_BYTES = pageBytes();

export interface LightSample {
  alive: boolean;
  /** The kernel's letter: R runs, S waits, D waits for a device, T stopped, t traced, Z zombie. */
  state: string;
  fds: number;
  threads: number;
  rssBytes: number;
  /** CPU time of the whole process, ended threads included; steps of 10 ms. */
  cpuMs: number;
  /** CPU time of its first thread (in Node the event loop); nanosecond steps. */
  mainThreadCpuMs: number;
  /** Time that its first thread was ready to run and had no core; nanosecond steps. */
  mainThreadWaitMs: number;
  /** Children of every thread that have not been reaped: zombies count. */
  children: number;
}

/** Some 0.1 ms for a Node process with 11 threads. `null` when the process has gone. */
export function readLight(pid: number): LightSample | null {
  const stat = readStat(pid);
  if (!stat) return null;
  const main = readSchedule(pid);
  return {
    alive: stat.state !== 'Z' && stat.state !== 'X',
    state: stat.state,
    fds: fdCount(pid),
    threads: stat.threads,
    rssBytes: stat.rssBytes,
    cpuMs: stat.userMs + stat.systemMs,
    mainThreadCpuMs: main.cpuMs,
    mainThreadWaitMs: main.waitMs,
    children: readChildren(pid).length,
  };
}

export interface ProcessStat {
  name: string;
  state: string;
  parent: number;
  userMs: number;
  systemMs: number;
  threads: number;
  /** Ticks between the machine's start and the process's: with the pid it names one process for ever. */
  startTicks: number;
  rssBytes: number;
}

/** `/proc/PID/stat`, or one thread's when `tid` is given; 15 µs. */
export function readStat(pid: number, tid?: number): ProcessStat | null {
  const text = readText(tid === undefined ? `/proc/${pid}/stat` : `/proc/${pid}/task/${tid}/stat`);
  if (text === null) return null;
  const nameEnd = text.lastIndexOf(')');
  const fields = text.slice(nameEnd + 2).split(' ');
  return {
    name: text.slice(text.indexOf('(') + 1, nameEnd),
    state: fields[0] as string,
    parent: Number(fields[1]),
    userMs: Number(fields[11]) * TICK_MS,
    systemMs: Number(fields[12]) * TICK_MS,
    threads: Number(fields[17]),
    startTicks: Number(fields[19]),
    rssBytes: Number(fields[21]) * PAGE_BYTES,
  };
}

export interface Fds {
  /** Keys: `file`, `device`, `pipe`, `socket`, `memfd`, and the kernel's own, like `eventpoll`. */
  byKind: Record<string, number>;
  /** Regular files and folders only; a deleted file keeps the kernel's ` (deleted)`. */
  byPath: Record<string, number>;
  socketInodes: Set<number>;
  pipeInodes: Set<number>;
}

/** What each descriptor is; 5 µs for each of them. */
export function readFds(pid: number): Fds {
  const fds: Fds = { byKind: {}, byPath: {}, socketInodes: new Set(), pipeInodes: new Set() };
  for (const fd of list(`/proc/${pid}/fd`)) {
    const link = readLink(`/proc/${pid}/fd/${fd}`);
    if (link === null) continue;
    const kind = kindOf(link);
    fds.byKind[kind] = (fds.byKind[kind] ?? 0) + 1;
    if (kind === 'file') fds.byPath[link] = (fds.byPath[link] ?? 0) + 1;
    else if (kind === 'socket') fds.socketInodes.add(inodeOf(link));
    else if (kind === 'pipe') fds.pipeInodes.add(inodeOf(link));
  }
  return fds;
}

/** `include/net/tcp_states.h`, in the kernel's order, from 1. */
const TCP_STATES =
  'ESTABLISHED SYN_SENT SYN_RECV FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSE CLOSE_WAIT LAST_ACK LISTEN CLOSING'.split(
    ' ',
  );

export interface Socket {
  state: string;
  localAddress: string;
  localPort: number;
  remoteAddress: string;
  remotePort: number;
  /** Bytes that the application has not read; on a LISTEN row, connections that wait to be accepted. */
  receiveQueueBytes: number;
  /** Bytes that the peer has not acknowledged; on a LISTEN row always 0. */
  sendQueueBytes: number;
  inode: number;
}

/**
 * The TCP sockets among `inodes` (those of `readFds`), as the network of `pid` shows them.
 * The price is that of reading the machine's two tables: 4 to 10 ms, however few the sockets.
 */
export function readSockets(pid: number, inodes: ReadonlySet<number>): Socket[] {
  if (inodes.size === 0) return [];
  return ['tcp', 'tcp6'].flatMap((table) => {
    const rows = (readText(`/proc/${pid}/net/${table}`) ?? '').split('\n').slice(1);
    return rows.flatMap((row) => {
      const fields = row.trim().split(/\s+/, 10);
      const inode = Number(fields[9]);
      return inodes.has(inode) ? [socketOf(fields, inode)] : [];
    });
  });
}

function socketOf(fields: string[], inode: number): Socket {
  const [localAddress, localPort] = endpoint(fields[1] as string);
  const [remoteAddress, remotePort] = endpoint(fields[2] as string);
  const [sendQueue, receiveQueue] = (fields[4] as string).split(':') as [string, string];
  const state = Number.parseInt(fields[3] as string, 16);
  return {
    state: TCP_STATES[state - 1] ?? `STATE_${state}`,
    localAddress,
    localPort,
    remoteAddress,
    remotePort,
    receiveQueueBytes: Number.parseInt(receiveQueue, 16),
    sendQueueBytes: Number.parseInt(sendQueue, 16),
    inode,
  };
}

/** `0100007F:1F90` -> 127.0.0.1, 8080: each 32-bit word is in the machine's own byte order. */
function endpoint(text: string): [address: string, port: number] {
  const [hex, port] = text.split(':') as [string, string];
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) =>
    (word.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16)).reverse(),
  );
  return [addressOf(bytes), Number.parseInt(port, 16)];
}

function addressOf(bytes: number[]): string {
  if (bytes.length === 4) return bytes.join('.');
  const words = Array.from({ length: 8 }, (_, i) =>
    (((bytes[2 * i] as number) << 8) | (bytes[2 * i + 1] as number)).toString(16),
  );
  if (words.slice(0, 6).join() === '0,0,0,0,0,ffff') return bytes.slice(12).join('.');
  // URL writes IPv6 addresses in their canonical, shortest form.
  return new URL(`http://[${words.join(':')}]`).hostname.slice(1, -1);
}

/** The process that listens on `port` on this machine, null when none does or it may not be seen. */
export function processListeningOn(port: number): number | null {
  const inodes = new Set<number>();
  for (const table of ['tcp', 'tcp6']) {
    for (const row of (readText(`/proc/net/${table}`) ?? '').split('\n').slice(1)) {
      const fields = row.trim().split(/\s+/, 10);
      if (fields.length < 10) continue;
      const socket = socketOf(fields, Number(fields[9]));
      if (socket.state === 'LISTEN' && socket.localPort === port) inodes.add(socket.inode);
    }
  }
  const pids = list('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  return pids.find((pid) => !readableFds(pid).isDisjointFrom(inodes)) ?? null;
}

function readableFds(pid: number): Set<number> {
  try {
    return readFds(pid).socketInodes;
  } catch {
    return new Set();
  }
}

/** Threads by name, most first; 12 µs for each of them. */
export function readThreads(pid: number): { name: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const tid of readThreadIds(pid)) {
    const name = readText(`/proc/${pid}/task/${tid}/comm`)?.trimEnd();
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts]
    .map(([name, count]) => ({ name, count }))
    .sort((a, b) => b.count - a.count || a.name.localeCompare(b.name));
}

/** Thread ids in the order of their start; the first is the pid itself. */
export function readThreadIds(pid: number): number[] {
  return list(`/proc/${pid}/task`).map(Number);
}

/** Pids of all children, whichever thread started them; zombies are among them. */
export function readChildren(pid: number): number[] {
  return readThreadIds(pid).flatMap((tid) =>
    (readText(`/proc/${pid}/task/${tid}/children`) ?? '').split(' ').filter(Boolean).map(Number),
  );
}

/** CPU time of the machine since its start, all cores together; 25 µs. Steal: taken by other machines. */
export function readStealMs(): { stealMs: number; idleMs: number; totalMs: number } {
  const text = readText('/proc/stat') ?? 'cpu';
  const ticks = text.slice(0, text.indexOf('\n')).trim().split(/\s+/).slice(1, 9).map(Number);
  return {
    stealMs: (ticks[7] ?? 0) * TICK_MS,
    // Idle, and waiting for a device: a core that is free all the same.
    idleMs: ((ticks[3] ?? 0) + (ticks[4] ?? 0)) * TICK_MS,
    // Columns 9 and 10 (guests) are contained in the first two already.
    totalMs: ticks.reduce((sum, n) => sum + n, 0) * TICK_MS,
  };
}

/** A small file of /proc, or `null` when its process has gone. */
export function readText(path: string): string | null {
  return unlessGone(path, () => readFileSync(path, 'latin1'));
}

/** Where a link of /proc points (`exe`, `cwd`, `fd/3`), or `null` when it is gone. */
export function readLink(path: string): string | null {
  return unlessGone(path, () => readlinkSync(path));
}

function list(path: string): string[] {
  return unlessGone(path, () => readdirSync(path)) ?? [];
}

/** The kernel gives the number of open descriptors as the size of their folder: 3 µs. */
function fdCount(pid: number): number {
  const path = `/proc/${pid}/fd`;
  const size = unlessGone(path, () => statSync(path).size) ?? 0;
  // Before Linux 6.2 the size is always 0.
  return size > 0 ? size : list(path).length;
}

function unlessGone<T>(path: string, read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ESRCH') return null;
    if (code !== 'EACCES' && code !== 'EPERM') throw error;
    throw new HanglabError(
      'not-permitted',
      `${path} may not be read: the process belongs to someone else. Run as its owner, or as root.`,
      { cause: error },
    );
  }
}

function kindOf(link: string): string {
  if (link.startsWith('/dev/')) return 'device';
  if (link.startsWith('/memfd:')) return 'memfd';
  if (link.startsWith('/')) return 'file';
  if (link.startsWith('anon_inode:')) return link.slice(11).replace(/^\[(.*)\]$/, '$1');
  return link.slice(0, link.indexOf(':'));
}

function inodeOf(link: string): number {
  return Number(link.slice(link.indexOf('[') + 1, -1));
}

/** A process's first thread: its time on a core, and its time in the queue for one. */
function readSchedule(pid: number): { cpuMs: number; waitMs: number } {
  const [cpu = 0, wait = 0] = (readText(`/proc/${pid}/schedstat`) ?? '').split(' ').map(Number);
  return { cpuMs: cpu / 1e6, waitMs: wait / 1e6 };
}

/** From the auxiliary vector (AT_PAGESZ = 6): 4096 on x86, up to 65536 elsewhere. */
function pageBytes(): number {
  try {
    const vector = readFileSync('/proc/self/auxv');
    for (let at = 0; at + 16 <= vector.length; at += 16) {
      if (vector.readBigUInt64LE(at) === 6n) return Number(vector.readBigUInt64LE(at + 8));
    }
  } catch {
    // No /proc: not Linux. Every reading is then null anyway.
  }
  return 4096;
}
