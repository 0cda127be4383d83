/**
 * Everything that a diagnosis has gathered: one plain value, which is never changed, can be written as JSON and judged
 * again without any process. Gathering makes it, rules read it, and nothing else passes between the two.
 */
import type { RunHints } from '../run-hints.ts';
import type { AwaitFacts } from './await-facts.ts';
import type { HealthSeen, OutsideFacts } from './outside-facts.ts';
import type {
  GoroutineFacts,
  JavaThreadFacts,
  PythonTaskFacts,
  PythonThreadFacts,
} from './runtime-facts.ts';
import type { JavaScriptFacts, NativeFacts } from './stack-facts.ts';

export const FACTS_SCHEMA = 'hanglab.facts/1' as const;

export interface Facts {
  readonly schema: typeof FACTS_SCHEMA;
  readonly asked: Asked;
  readonly hints: RunHints;
  /** Of the server as a whole, whichever process answered; null without a health path. */
  readonly health: HealthSeen | null;
  /** The process that was asked about first; beside it others of its tree that may be the one that hangs. */
  readonly processes: readonly ProcessFacts[];
  readonly totalMs: number;
}

/** What was asked for, as far as it bears on the answer. */
export interface Asked {
  readonly pid: number;
  readonly healthUrl: string | null;
  /** How old a request may become, as the person says; null when nobody said. */
  readonly requestLimitMs: number | null;
  /** A run asks about its own target. */
  readonly isRun: boolean;
}

export type Runtime = 'node' | 'python' | 'go' | 'jvm' | 'other';

export interface ProcessFacts {
  readonly pid: number;
  readonly runtime: Runtime;
  /** null when it had gone before the first look. */
  readonly outside: OutsideFacts | null;
  /** Each look inside that was asked for: what it saw, or why it could not be taken. */
  readonly native?: NativeFacts;
  readonly javascript?: Looked<JavaScriptFacts>;
  readonly awaits?: Looked<AwaitFacts>;
  readonly pythonTasks?: PythonTaskFacts;
  readonly pythonThreads?: PythonThreadFacts;
  readonly goroutines?: GoroutineFacts;
  readonly javaThreads?: JavaThreadFacts;
  /** How long it was paused for all of them. */
  readonly frozenMs: number;
}

/** A look, or the reason why there is none. */
export type Looked<T> = ({ readonly refused: null } & T) | { readonly refused: string };

/** Something more that a rule has to know; the gatherer takes the look, and the rules judge again. */
export type Look =
  /** The native stack, once more. */
  | { readonly kind: 'native' }
  | { readonly kind: 'javascript' }
  /** The suspended functions, two looks; with a request to the health path under way when `askHealth`. */
  | { readonly kind: 'awaits'; readonly askHealth: boolean }
  | { readonly kind: 'locals'; readonly ids: readonly number[] }
  /** The asyncio tasks, once more. */
  | { readonly kind: 'python-tasks' }
  | { readonly kind: 'python-threads' }
  | { readonly kind: 'goroutines' }
  | { readonly kind: 'java-threads' };
