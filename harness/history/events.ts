/**
 * The vocabulary of a run's history: what load, faults and probes write, and what checks and reports read.
 *
 * Every event has `t`: milliseconds since the run began, on the machine's monotonic clock. Nothing here
 * knows a target: requests have kinds, accepted work is open, done or given up, and upstreams have names.
 * `docs/history.md` describes each event for a reader of `history.ndjson`.
 */

export const PHASES = ['warmup', 'baseline', 'fault', 'recovery', 'quiesce'] as const;
export type Phase = (typeof PHASES)[number];

/**
 * Of one request. `unknown`: hanglab gave it up while the server may still be working on it. `left`: the
 * client left on purpose, as the load intended.
 */
export type Outcome = 'ok' | 'failed' | 'unknown' | 'left';

/** What a request does, which is all that checks may know of it besides its name. */
export const OPERATION_KINDS = ['write', 'read', 'delete', 'stream', 'connect'] as const;
export type OperationKind = (typeof OPERATION_KINDS)[number];

/** The limits that a target declares; all checks derive their durations from them. */
export interface Limits {
  /** From a request's first byte to the end of its answer. */
  requestMs: number;
  /** Until the first event of a stream: comments are none. */
  firstByteMs?: number;
  /** Longest silence between two events of a stream. */
  idleMs?: number;
  /** From SIGTERM to the end of the process. */
  shutdownMs?: number;
  /** The p99 of the health endpoint. */
  healthMs?: number;
  /** How much accepted work may wait: beyond it the target should refuse. */
  backlog?: number;
}

/** How one request to the scripted model ended, seen from the model's side. */
export type ModelEnding =
  | 'complete'
  | 'error-status'
  | 'truncated'
  | 'fin'
  | 'reset'
  | 'client-closed'
  | 'shutdown';

export interface ThreadCount {
  name: string;
  count: number;
}

export interface SocketCount {
  /** Which of the target's peers: a link's name, `front` (its own listener), or `other`. */
  peer: string;
  state: string;
  count: number;
  /** Bytes that the application has not read yet, and bytes the peer has not acknowledged. */
  receiveQueueBytes: number;
  sendQueueBytes: number;
}

/** How much accepted work is open, done, and given up by the target itself. */
export interface Progress {
  open: number;
  done: number;
  givenUp: number;
}

export interface StackFrame {
  function: string;
  file: string;
  line: number;
  column: number;
}

interface RunEvents {
  run: {
    scenario: string;
    /** The name of the target, and of the variant of it that ran. */
    target: string;
    defect: string | null;
    seed: number;
    limits: Limits;
  };
  phase: { phase: Phase };
  note: { text: string };
  /** A part of hanglab itself failed: never a finding about the target. */
  'harness-trouble': { part: string; message: string };
}

interface RequestEvents {
  request: {
    id: number;
    /** The operation's name, for people; checks go by `operationKind`. */
    operation: string;
    operationKind: OperationKind;
    /** What it is about, in a few words. */
    subject: string | null;
    /** The part of the load that sent it: requests of `others` are those that the fault must not touch. */
    group: string;
    /** Its own limits, where they differ from the target's. */
    limits?: Partial<Limits>;
    /** Its client means to leave before the end, or does not read: when it ends says nothing. */
    leaves?: true;
  };
  /** How much of something a load has open from now on, like connections; 0 when it is over. */
  level: { what: string; count: number };
  /** An open stream, now and then: how much has arrived, and when its last event did. */
  'request-progress': { id: number; bytes: number; events: number; lastT: number };
  'request-end': {
    id: number;
    outcome: Outcome;
    status: number | null;
    durationMs: number;
    detail: string | null;
    /** What the server promised with this answer: the id of the accepted work, say. */
    acknowledged: string | null;
    /** Of a stream; absent otherwise. */
    stream?: {
      bytes: number;
      events: number;
      /** When its first and its last event came; null when none did. */
      firstT: number | null;
      lastT: number | null;
      /** The longest time between two events; null with fewer than two. */
      longestGap: { fromT: number; ms: number } | null;
    };
  };
  /** Accepted work that hanglab follows until it is done: by asking for its state now and then. */
  work: { id: number; operation: string; subject: string | null; group: string };
  'work-end': { id: number; outcome: 'done' | 'failed' | 'gone' | 'unknown'; durationMs: number };
  /** Requests at full speed, by autocannon: its own histogram, in milliseconds. */
  pressure: {
    operation: string;
    requests: number;
    refused: number;
    failed: number;
    p50Ms: number;
    p99Ms: number;
    maxMs: number;
  };
  /** One measured piece of work: what it cost the target, for a size that the load doubles. */
  cost: { what: string; size: number; cpuMs: number; bytes: number };
}

interface ProbeEvents {
  health: {
    /** When it should have been sent; latency counts from here. */
    intendedT: number;
    latencyMs: number;
    /** false: not answered when this was written; `latencyMs` is then its age so far. */
    answered: boolean;
    /** null without an answer, or when the connection was refused or broke. */
    status: number | null;
    /** Whether the answer was one that the target declares as good. */
    good: boolean;
    /** The control server's latency for the probe sent at the same instant. */
    controlMs: number;
  };
  /** The control server alone, where the target has no health endpoint. */
  control: { intendedT: number; controlMs: number };
  /** The thread that sends the load, and times it, has been this late. */
  'sender-late': { lateMs: number };
  ready: { status: number | null; good: boolean; reasons: string[]; latencyMs: number };
  progress: { progress: Progress | null; latencyMs: number };
  /** Tasks inside the process (asyncio tasks, goroutines), as it tells itself; null when it did not. */
  tasks: { count: number | null; latencyMs: number };
  /** The target's process tree: counts and times are sums over its processes. */
  process: {
    alive: boolean;
    /** The processes of the tree, the first one first. */
    pids: readonly number[];
    fds: number;
    threads: number;
    rssBytes: number;
    cpuMs: number;
    /** Of the first process's first thread. */
    mainThreadCpuMs: number;
    state: string;
    /**
     * Share of the time since the last sample in which the thread of the tree that waited most was ready
     * and had no core.
     */
    waitPercent: number;
    /** Shares of all cores since the last sample: taken by other machines, by processes not ours. */
    stealPercent: number;
    foreignPercent: number;
    children: number;
    costMs: number;
  };
  resources: {
    fdsByKind: Record<string, number>;
    fdsByPath: Record<string, number>;
    sockets: SocketCount[];
    threads: ThreadCount[];
    /** Files and bytes in the target's temporary folder; absent where it has none that is known. */
    temporary?: { files: number; bytes: number };
    costMs: number;
  };
  /**
   * What the target sent over a link to a service since the last sample: new connections and bytes; null
   * where its Toxiproxy does not tell, and only the connections that are open are known.
   */
  link: {
    link: string;
    openConnections: number;
    connections: number | null;
    bytes: number | null;
  };
}

interface UpstreamEvents {
  /**
   * After the load, several calls at once: whether they take idle connections to these upstreams, which are then
   * a pool, or open new ones. Counted before them, and when they have ended.
   */
  'pool-test': {
    upstreams: readonly string[];
    idleBefore: number;
    /** Those that ended well: others may not have reached an upstream. */
    calls: number;
    idleAfter: number;
  };
  'model-start': {
    id: number;
    upstream: string;
    operation: string;
    subject: string | null;
    /** It brings the result of a tool that an answer before it has called. */
    answersTool?: boolean;
  };
  'model-first-byte': { id: number };
  'model-silent': { id: number; behaviour: string };
  'model-end': {
    id: number;
    ending: ModelEnding;
    status: number;
    bytes: number;
    tokens: number;
  };
}

interface TargetEvents {
  fault: { fault: string; event: 'injected' | 'took-effect' | 'healed'; detail: string | null };
  /** What a client would find at the end of what it was promised. */
  audit: {
    subject: string;
    id: string;
    expected: 'done' | 'absent';
    /** `no-answer`: it could not be asked, and `detail` says why; the fields below say nothing then. */
    asked: 'answered' | 'no-answer';
    detail: string | null;
    /** `unknown`: it is not told. */
    state: 'done' | 'open' | 'failed' | 'absent' | 'unknown';
    /** How often the same entry came back: 1 is right; null where the target offers no way to look. */
    copies: number | null;
    /** How long it has been held by a worker, null when by none. */
    heldMs: number | null;
    /** When the question was put; it ended at `t`. */
    askedT: number;
  };
  'target-start': { pid: number };
  'target-exit': {
    code: number | null;
    signal: string | null;
    expected: boolean;
    /** Its last lines on standard output and error. */
    lines: readonly string[];
  };
  /** SIGTERM was sent; the exit that follows is expected. */
  'target-stop': { signal: string };
  'blocked-stack': {
    /** How long a health probe had waited when the stack was taken. */
    probeAgeMs: number;
    /** Innermost first. */
    frames: readonly StackFrame[];
  };
  /** hanglab inspects the target, which stands still meanwhile. */
  look: { event: 'begun' | 'ended' };
}

type Bodies = RunEvents & RequestEvents & ProbeEvents & UpstreamEvents & TargetEvents;

export type EventKind = keyof Bodies;
export type EventBody = { [K in EventKind]: { kind: K } & Bodies[K] }[EventKind];
export type HistoryEvent = { [K in EventKind]: { t: number; kind: K } & Bodies[K] }[EventKind];
export type EventOf<K extends EventKind> = Extract<HistoryEvent, { kind: K }>;
