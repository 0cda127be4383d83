/**
 * The history of one run: an append-only list of events, written by load, faults and probes, read by
 * checks and report. Saved as NDJSON while the run goes on, so a crash loses no evidence.
 *
 * Every event has `t`: milliseconds since the run began, on the machine's monotonic clock.
 */

export const PHASES = ['warmup', 'baseline', 'fault', 'recovery', 'quiesce'] as const;
export type Phase = (typeof PHASES)[number];

/** Of one request: `unknown` means that it was given up while the server may still be working. */
export type Outcome = 'ok' | 'failed' | 'unknown';

/** The limits that a target declares; all checks derive their durations from them. */
export interface Limits {
  /** End-to-end deadline of one attempt at the model. */
  attemptMs: number;
  /** End-to-end deadline of one client request. */
  requestMs: number;
  /** Longest silence allowed between two chunks of a model's answer. */
  idleMs: number;
  /** Time within which the process ends after SIGTERM. */
  graceMs: number;
}

export type Operation = string;

/** How one model request ended, seen from the model's side. */
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

/** Rows and documents by state, as the target's listing tells them. */
export interface Progress {
  documents: Record<string, number>;
  rows: Record<string, number>;
}

export interface StackFrame {
  function: string;
  file: string;
  line: number;
  column: number;
}

export type EventBody =
  | { kind: 'run'; scenario: string; defect: string | null; seed: number; limits: Limits }
  | { kind: 'phase'; phase: Phase }
  | {
      kind: 'request';
      id: number;
      operation: Operation;
      subject: string | null;
      /** The part of the load that sent it: requests of `others` are those the fault must not touch. */
      group: string;
    }
  | {
      kind: 'request-end';
      id: number;
      outcome: Outcome;
      status: number | null;
      durationMs: number;
      detail: string | null;
      /** What the server promised with this answer: the id of an accepted document, say. */
      acknowledged: string | null;
    }
  | {
      kind: 'health';
      /** When it should have been sent; latency counts from here. */
      intendedT: number;
      latencyMs: number;
      /** false: not answered when this was written; `latencyMs` is then its age so far. */
      answered: boolean;
      /** null without an answer, or when the connection was refused or broke. */
      status: number | null;
      /** The control server's latency for the probe sent at the same instant. */
      controlMs: number;
    }
  | { kind: 'ready'; status: number | null; reasons: string[]; latencyMs: number }
  | { kind: 'progress'; progress: Progress | null; latencyMs: number }
  | {
      kind: 'process';
      alive: boolean;
      fds: number;
      threads: number;
      rssBytes: number;
      cpuMs: number;
      mainThreadCpuMs: number;
      state: string;
      /** Share of the time since the last sample in which its first thread was ready and had no core. */
      waitPercent: number;
      /** Shares of all cores since the last sample: taken by other machines, by processes not ours. */
      stealPercent: number;
      foreignPercent: number;
      children: number;
      costMs: number;
    }
  | {
      kind: 'resources';
      fdsByKind: Record<string, number>;
      fdsByPath: Record<string, number>;
      sockets: SocketCount[];
      threads: ThreadCount[];
      costMs: number;
    }
  | { kind: 'model-start'; id: number; operation: Operation; subject: string | null }
  | { kind: 'model-first-byte'; id: number }
  | { kind: 'model-silent'; id: number; behaviour: string }
  | {
      kind: 'model-end';
      id: number;
      ending: ModelEnding;
      status: number;
      bytes: number;
      tokens: number;
    }
  | { kind: 'fault'; fault: string; event: 'injected' | 'fired' | 'healed'; detail: string | null }
  | {
      kind: 'audit';
      /** What a person would find at the end: by listing, and by searching for its own text. */
      subject: string;
      id: string;
      expected: 'indexed' | 'absent';
      found: boolean;
      /** How often the same entry came back: 1 is right. */
      copies: number;
      state: string | null;
      /** Age of the oldest claim on one of its rows, null when none is claimed. */
      claimAgeMs: number | null;
    }
  | {
      kind: 'target-exit';
      code: number | null;
      signal: string | null;
      expected: boolean;
      /** Its last lines on standard output and error. */
      lines: readonly string[];
    }
  | {
      kind: 'blocked-stack';
      /** How long a health probe had waited when the stack was taken. */
      probeAgeMs: number;
      /** Innermost first. */
      frames: readonly StackFrame[];
    }
  | { kind: 'target-start'; pid: number }
  /** hanglab looks into the target, which stands still meanwhile. */
  | { kind: 'look'; event: 'begun' | 'ended' }
  | {
      kind: 'pressure';
      /** What was sent at full speed, and how it went: autocannon's own histogram, in ms. */
      operation: Operation;
      requests: number;
      refused: number;
      failed: number;
      p50Ms: number;
      p99Ms: number;
      maxMs: number;
    }
  | { kind: 'harness-trouble'; part: string; message: string }
  | { kind: 'note'; text: string };

export type HistoryEvent = { t: number } & EventBody;
export type EventOf<K extends EventBody['kind']> = Extract<HistoryEvent, { kind: K }>;

/** What checks see: events in order, by kind, and the instant up to which the run has been watched. */
export interface History {
  readonly events: readonly HistoryEvent[];
  of<K extends EventBody['kind']>(kind: K): readonly EventOf<K>[];
  /** Milliseconds since the run began: ages of what has not ended are counted up to here. */
  readonly untilMs: number;
  /** The run is over: what has not ended by now never will. */
  readonly complete: boolean;
}

/** A history of `events`, watched until `untilMs`: of a live run, or read back from a file. */
export function historyOf(
  events: readonly HistoryEvent[],
  untilMs: number,
  complete = true,
): History {
  let byKind: Map<string, HistoryEvent[]> | undefined;
  const index = (): Map<string, HistoryEvent[]> => {
    const map = new Map<string, HistoryEvent[]>();
    for (const event of events) {
      const list = map.get(event.kind);
      if (list) list.push(event);
      else map.set(event.kind, [event]);
    }
    return map;
  };
  return {
    events,
    untilMs,
    complete,
    of: <K extends EventBody['kind']>(kind: K) => {
      byKind ??= index();
      return (byKind.get(kind) ?? []) as unknown as readonly EventOf<K>[];
    },
  };
}

/** When each phase began and ended (`untilMs` for the one that is still on); absent when not reached. */
export function phasesOf(
  history: History,
): Partial<Record<Phase, { fromMs: number; toMs: number }>> {
  const phases: Partial<Record<Phase, { fromMs: number; toMs: number }>> = {};
  const marks = history.of('phase');
  marks.forEach((mark, i) => {
    phases[mark.phase] = { fromMs: mark.t, toMs: marks[i + 1]?.t ?? history.untilMs };
  });
  return phases;
}

/** The phase at instant `t`, null before the first. */
export function phaseAt(history: History, t: number): Phase | null {
  let current: Phase | null = null;
  for (const mark of history.of('phase')) {
    if (mark.t > t) break;
    current = mark.phase;
  }
  return current;
}

/** What the target declared, and the run's other constants. @throws when the run never began. */
export function runOf(history: History): EventOf<'run'> {
  const run = history.of('run')[0];
  if (!run) throw new Error('the history has no run event: the environment never came up');
  return run;
}
