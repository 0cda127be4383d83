/** The TCP sockets of a process, and who listens on a port. */
import { readFds } from './fds.ts';
import { list, readText } from './files.ts';

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
      if (isTimeWait(row)) return [];
      const fields = row.trim().split(/\s+/, 10);
      const inode = Number(fields[9]);
      return inodes.has(inode) ? [socketOf(fields, inode)] : [];
    });
  });
}

/**
 * Of a crowded machine's rows these are the most, by thousands. They belong to no process any more, and are known
 * without taking the row apart: `  12: 0100007F:1F90 0100007F:9C40 06 ...`.
 */
function isTimeWait(row: string): boolean {
  const local = row.indexOf(': ') + 2;
  const remote = row.indexOf(' ', local) + 1;
  return row.startsWith('06 ', row.indexOf(' ', remote) + 1);
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
