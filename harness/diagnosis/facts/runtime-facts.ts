/** What the runtimes beside Node show: Python's tasks and threads, goroutines, Java's threads. */
import type { Frame } from '../diagnosis.ts';

/** Asyncio tasks of a Python process, as it describes them itself; asked once or twice. */
export interface PythonTaskFacts {
  readonly looks: readonly TaskLook[];
  /** By whom they were asked: hanglab's agent in the process, or gdb; null when nobody could. */
  readonly by: 'agent' | 'gdb' | null;
  /** Why nobody could, where gdb was to ask; empty when that was not allowed. */
  readonly because: string;
}

export type TaskLook = Tasks | { readonly error: string };

export interface Tasks {
  /** How many there are; only the first 2000 are listed. */
  readonly count: number;
  readonly tasks: readonly Task[];
}

export interface Task {
  readonly id: number;
  readonly name: string;
  /** Outermost first. */
  readonly frames: readonly Frame[];
  /** What it awaits in the end, which distinguishes one wait from the next at the same place. */
  readonly future: string | null;
  /** `on`: the tasks that a gather or shield waits for. */
  readonly waits: {
    readonly kind: 'lock' | 'task' | 'timer' | 'future';
    readonly id: number;
    readonly name: string;
    readonly on?: readonly number[];
  } | null;
  /** With the frame that has entered it. */
  readonly holds: readonly { id: number; name: string; frame: Frame }[];
}

export interface PythonThreadFacts {
  readonly threads: readonly PythonThread[];
  /** Why there are none, and what helps; empty when there are. */
  readonly because: string;
}

export interface PythonThread {
  /** As the kernel counts threads: the first has the process's number. */
  readonly id: number;
  readonly name: string;
  /** Innermost first. */
  readonly frames: readonly Frame[];
}

export interface GoroutineFacts {
  readonly goroutines: readonly Goroutine[];
  readonly because: string;
}

export interface Goroutine {
  readonly id: number;
  /** As the runtime names it: `sync.Mutex.Lock`, `chan receive`; empty while it runs. */
  readonly reason: string;
  /** Innermost first. */
  readonly frames: readonly Frame[];
}

export interface JavaThreadFacts {
  readonly threads: readonly JavaThread[];
  /** Who waits for whom in the cycle that the JVM found, by the names of threads. */
  readonly cycle: Readonly<Record<string, string>>;
  readonly because: string;
}

export interface JavaThread {
  readonly name: string;
  readonly state: string;
  /** Innermost first. */
  readonly frames: readonly Frame[];
  /** The lock that it waits to take, and the monitors that it has taken. */
  readonly wants: { readonly id: string; readonly kind: 'monitor' | 'lock' } | null;
  readonly holds: readonly string[];
}
