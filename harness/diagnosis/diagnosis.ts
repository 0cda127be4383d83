/** What a diagnosis says: `hanglab.diagnose/1`. Fields may be added, none changes its meaning. */
import type { DiagnosisCode } from './codes.ts';

/** A place in source as a person opens it: line and column from 1; column 0 where only the line is known. */
export interface Place {
  file: string;
  line: number;
  column: number;
}

/** A variable and its value, cut short, secrets left out. */
export interface Local {
  name: string;
  value: string;
}

/** Whose code: the program's, a package's that it uses, the runtime's own; of evaluated code nobody can say. */
export type Origin = 'program' | 'package' | 'runtime' | 'unknown';

export interface Frame extends Place {
  function: string;
  origin?: Origin;
  /** The place is only where the function begins: where in it the function is suspended could not be found in time. */
  isBegin?: boolean;
}

/** A place where work is stuck, and how much of it. */
export interface Where extends Frame {
  /** How many are stuck here. */
  count: number;
  /** Age of the oldest, or null when nothing shows it. */
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
  /** The process that hangs: of a tree, not always the one that was asked about. */
  pid: number;
  code: DiagnosisCode;
  sentence: string;
  /** What usually helps, in a sentence without its full stop. */
  helps?: string;
  /** False when it seems to live but the look that would decide could not be taken. */
  decided: boolean;
  where: Where[];
  holder: Holder | null;
  evidence: string[];
  ruledOut: { code: DiagnosisCode; because: string }[];
  /** How long the process was paused for it, and how long all of it took. */
  costMs: { frozen: number; total: number };
}
