/** What /proc, the sockets and a few requests show of a process, without anything done inside it. */
import type { LightSample } from '../../platform/procfs/process.ts';
import type { Socket } from '../../platform/procfs/sockets.ts';

export interface OutsideFacts {
  /** How long it was watched. */
  readonly windowMs: number;
  /** False as soon as the process has gone, is a zombie, or its pid belongs to another. */
  readonly alive: boolean;
  /** How often its first thread was looked at. */
  readonly samples: number;
  /** Share of the samples in which the first thread was in each state: `{ S: 1 }`. */
  readonly states: Readonly<Record<string, number>>;
  /** CPU as a share of one core: 1 is a whole core. */
  readonly mainShare: number;
  readonly processShare: number;
  /** Of the first thread's CPU time, the part spent inside the kernel. */
  readonly systemShare: number;
  /** Part of the window in which the first thread was ready but had no core. */
  readonly queuedShare: number;
  readonly stealShare: number;
  /** Part of the samples in which the first thread waited in its own event loop; null if unreadable. */
  readonly ownLoopShare: number | null;
  /** The kernel function in which the first thread slept most while not in its own loop. */
  readonly waitsIn: string;
  /** Other threads, besides V8's own, that were busy in every look; and the size of libuv's thread pool. */
  readonly busyWorkers: number;
  readonly poolSize: number;
  /** How late hanglab's own timers were: the machine's noise as felt here. */
  readonly lateMs: number;
  /** Without a health path: whether a bare connection was accepted; null when that could not be tried. */
  readonly accepts: boolean | null;
  readonly first: LightSample;
  readonly last: LightSample;
  /** Where it works: its open files are shown relative to it; empty when that may not be read. */
  readonly workingDirectory: string;
  readonly fdsByKind: Readonly<Record<string, number>>;
  readonly fdsByPath: Readonly<Record<string, number>>;
  /** How many descriptors it may have open; null when there is no limit to be read. */
  readonly fdLimit: number | null;
  readonly threads: readonly { name: string; count: number }[];
  /** Its sockets at the window's begin, before it was asked for anything, and at its end. */
  readonly firstSockets: readonly Socket[];
  readonly sockets: readonly Socket[];
  /** Of its sockets by inode, at the window's end and begin; empty without `ss`. */
  readonly tcp: Readonly<Record<number, TcpInfo>>;
  readonly firstTcp: Readonly<Record<number, TcpInfo>>;
  /** Connections that waited to be accepted at every look, by port. */
  readonly backlog: Readonly<Record<number, number>>;
  readonly children: readonly Child[];
  /** Below it, at any depth, and through the whole window: one that is reaped at once is none. */
  readonly zombies: readonly Child[];
}

/** What the kernel counts of a connection. */
export interface TcpInfo {
  /** Milliseconds since the last byte came in, and since the last went out. */
  readonly receivedMs: number;
  readonly sentMs: number;
  /** Since the connection was opened: what came in, and what the peer has acknowledged. */
  readonly bytesReceived: number;
  readonly bytesAcked: number;
}

export interface HealthSeen {
  readonly asked: number;
  readonly answered: number;
  /** Of the slowest that answered; of one that did not, how long it has been waiting. */
  readonly worstMs: number;
  /** The same of the control server. */
  readonly controlMs: number;
  readonly status: number | null;
  /** Nothing listens at its address (`ECONNREFUSED`): what it does not answer says nothing then. */
  readonly refused: string | null;
}

export interface Child {
  readonly pid: number;
  readonly parent: number;
  /** The kernel's letter: Z is a zombie, which has ended and waits for its parent to ask how. */
  readonly state: string;
  readonly command: string;
  /** Since its start; a zombie's counts from its start too, since nothing shows when it ended. */
  readonly ageMs: number;
}
