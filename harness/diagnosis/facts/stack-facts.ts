/** Stacks of a first thread that runs without end, or sleeps where it should not. */
import type { Frame } from '../diagnosis.ts';

/** The native stack, looked at once or several times. */
export interface NativeFacts {
  readonly looks: readonly NativeLook[];
  /** Why there are no more of them, and what would help; null when nothing prevented it. */
  readonly missing: string | null;
}

export interface NativeLook {
  readonly tool: 'eu-stack' | 'gdb';
  /** Function names, innermost first; unnamed frames (compiled JavaScript) are left out. */
  readonly frames: readonly string[];
}

export interface JavaScriptFacts {
  /** Innermost first; null when no JavaScript ran while the debugger waited for it. */
  readonly frames: readonly Frame[] | null;
}
