/** What a run knows of its target and an outsider does not. All of it may be missing. */

export interface RunHints {
  /** How the process ended, when it has. */
  exit?: { code: number | null; signal: string | null };
  /** How long a request may take, as the target itself declares it. */
  requestLimitMs?: number;
  /** Requests of the load that have not ended. */
  requestsInFlight?: { operation: string; subject: string | null; ageMs: number }[];
  /** Requests that an upstream has begun and not ended, by the upstream's name. */
  upstreamInFlight?: { upstream: string; operation: string; ageMs: number; silentMs: number }[];
  /** Ports of the target's upstreams by the name of their link. */
  links?: Record<string, number>;
  /** What the process held when it was healthy and at rest. */
  baseline?: {
    fds: number;
    threads: number;
    children: number;
    /** TCP sockets, but for the open connections of its clients: those are theirs to close. */
    sockets?: number;
    /** To tell what grew from what was there: by kind and path of a descriptor, by name of a thread. */
    fdsByKind?: Record<string, number>;
    fdsByPath?: Record<string, number>;
    threadsByName?: Record<string, number>;
    rssBytes?: number;
  };
  /** Memory at rest, first before the load and then after each round of equal work. */
  restingRssBytes?: number[];
  /** The health path was too slow, or did not answer: what its requests wait for is the reason. */
  healthFailed?: boolean;
  /** The load has ended and everything has had time to drain: what is left over has leaked. */
  quiesced?: boolean;
  /** How long no accepted work has arrived at its end while some waits; 0 when it moves. */
  progressFlatMs?: number;
  /** How long the oldest accepted work has waited that should have arrived by now; 0 when there is none. */
  lateWorkMs?: number;
  /** Pieces of work that a worker has claimed and does not work on, and the age of the oldest. */
  staleClaims?: { count: number; oldestMs: number };
}
