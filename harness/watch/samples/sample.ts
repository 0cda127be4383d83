/** What one look from outside at the watched processes shows. */

export interface Sample {
  /** Of the watch's own clock, which does not count time in which hanglab itself did not run. */
  atMs: number;
  /** null without a health URL. */
  health: HealthSeen | null;
  /** As they were at the last look at the connections. */
  counts: Counts;
  /** null in the samples between: reading all connections of the machine costs 10 ms and more. */
  connections: Connections | null;
}

export interface HealthSeen {
  /** How long the question has waited that is open now; 0 when none is. */
  openMs: number;
  /** The last that ended; null before the first. */
  last: HealthAnswer | null;
  /** Bad answers in a row: refused, broken off, or a status from 500 on. */
  badInRow: number;
  /** Whether it has ever answered well while it was watched. */
  wasGood: boolean;
}

export interface HealthAnswer {
  latencyMs: number;
  /** null when there was no answer. */
  status: number | null;
  /** Why there was none, like `ECONNREFUSED`. */
  error: string | null;
}

/** Of all processes of the tree together. */
export interface Counts {
  processes: number;
  fds: number;
  threads: number;
  children: number;
  memoryBytes: number;
  /** CPU time since the processes began; steps of 10 ms. */
  cpuMs: number;
}

export interface Connections {
  /** Of clients, in any state. */
  clients: number;
  /** Whose other side has closed. */
  closeWait: number;
  /** Connections that the kernel has taken and nobody has accepted, by port. */
  backlog: Readonly<Record<number, number>>;
  /** Connections of clients with bytes that the server has not read. */
  unread: readonly { inode: number; bytes: number }[];
  /** Connections whose last bytes came from the client: it waits for an answer. Empty unless asked for. */
  unanswered: readonly { inode: number; ageMs: number }[];
}
