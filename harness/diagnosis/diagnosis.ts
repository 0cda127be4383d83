/** What a diagnosis says, and what a run can tell it beforehand. */
import type { DiagnosisCode } from './codes.ts';
import type { Local } from './inspector/remote-objects.ts';
import type { Place } from './inspector/scripts.ts';

export interface Frame extends Place {
  function: string;
  /** The place is only where the function begins: where in it it stands could not be told in time. */
  isBegin?: boolean;
}

/** A place where work stands still, and how much of it. */
export interface Where extends Frame {
  /** How many stand here. */
  count: number;
  /** Age of the oldest, or null when nothing tells it. */
  ageMs: number | null;
  /** From the outermost function, usually the request's handler, down to this one. */
  chain: Frame[];
  /** What it waits for, in words. */
  waitsFor: string;
  /** Its variables, cut short, secrets left out. */
  locals: Local[];
}

/** Who could end the wait: a function by its place, or a timer, socket, child, event. */
export interface Holder {
  kind: 'function' | 'timer' | 'socket' | 'native' | 'event' | 'child' | 'nobody';
  sentence: string;
  where: Frame | null;
}

export interface Diagnosis {
  schema: 'hanglab.diagnose/1';
  pid: number;
  code: DiagnosisCode;
  sentence: string;
  /** What usually helps, in a sentence. */
  helps?: string;
  /** False when it seems to live but the look that would tell could not be had. */
  decided: boolean;
  where: Where[];
  holder: Holder | null;
  evidence: string[];
  ruledOut: { code: DiagnosisCode; because: string }[];
  /** How long the process stood still under our hands, and how long all of it took. */
  costMs: { frozen: number; total: number };
}

/** What a run knows and an outsider does not. All of it may be missing. */
export interface RunHints {
  /** How the process ended, when it has. */
  exit?: { code: number | null; signal: string | null };
  /** Requests of the load that have not ended. */
  requestsInFlight?: { operation: string; subject: string | null; ageMs: number }[];
  /** Requests that the scripted model has begun and not ended. */
  modelInFlight?: { operation: string; ageMs: number; silentMs: number }[];
  /** Requests that the model has ended wholly while the target still waits for them. */
  modelEndedUnread?: number;
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
    requestP99Ms?: number;
    ownEpollFd?: number;
  };
  /** The health path was too slow, or did not answer: what its requests wait for is the reason. */
  healthFailed?: boolean;
  /** The load has ended and everything has had time to drain: what is left over has leaked. */
  quiesced?: boolean;
  /** How long no accepted work has arrived at its end while some waits; 0 when it moves. */
  progressFlatMs?: number;
  /** How long the oldest accepted work has waited that should have arrived by now; 0 when there is none. */
  lateWorkMs?: number;
  /** Rows that a worker has claimed and does not work on, and the age of the oldest. */
  staleClaims?: { count: number; oldestMs: number };
}
