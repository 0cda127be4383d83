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
  /** How many there are; of those that stand at one place for one thing only some are listed. */
  readonly count: number;
  /** False where some could not be described in time, or what they hold: nothing is known of those. */
  readonly isWhole?: boolean;
  readonly tasks: readonly Task[];
  readonly threads?: readonly TaskThread[];
  readonly locks?: readonly PythonLock[];
  readonly pools?: readonly ConnectionPool[];
  readonly threadPools?: readonly ThreadPool[];
  /** Threads that work for a future at the moment. */
  readonly workers?: readonly { readonly future: number; readonly thread: number | null }[];
}

export interface PythonWait {
  readonly kind:
    | 'lock'
    | 'task'
    | 'timer'
    | 'future'
    | 'event'
    | 'pool'
    | 'socket'
    | 'child'
    | 'work'
    | 'thread';
  readonly id: number;
  readonly name: string;
  /** Tasks, or threads, that it waits for: all of them, or one. */
  readonly on?: readonly (number | null)[];
  readonly all?: boolean;
  /** Futures that a pool's threads are to settle. */
  readonly work?: readonly number[];
  /** How many more it waits for that nothing is known of. */
  readonly others?: number;
  /** Of the socket that it waits for. */
  readonly inode?: number;
}

export interface PythonRequest {
  readonly method: string;
  readonly path: string;
  readonly peer: { readonly host: string; readonly port: number } | null;
}

export interface Held {
  readonly id: number;
  readonly name: string;
  /** That has entered it. */
  readonly frame: Frame;
}

export interface Task {
  readonly id: number;
  readonly name: string;
  /** Outermost first. */
  readonly frames: readonly Frame[];
  /** What it awaits in the end, which distinguishes one wait from the next at the same place. */
  readonly future: string | null;
  readonly waits: PythonWait | null;
  readonly holds: readonly Held[];
  /** When a timer ends its wait; null when none is known to. */
  readonly deadlineMs?: number | null;
  readonly request?: PythonRequest | null;
  /** The socket that its innermost functions work with, by inode. */
  readonly socket?: number | null;
  /** As many more stand at the same place for the same thing. */
  readonly more?: number;
}

export interface TaskThread {
  /** As the kernel counts threads. */
  readonly id: number | null;
  /** As Python does. */
  readonly ident: number;
  readonly name: string;
  /** Innermost first. */
  readonly frames: readonly Frame[];
  readonly waits: PythonWait | null;
  readonly holds: readonly Held[];
  readonly request: PythonRequest | null;
  readonly socket: number | null;
}

/** A lock that somebody waits for. */
export interface PythonLock {
  readonly id: number;
  readonly name: string;
  readonly isLocked: boolean | null;
  /** The thread that has it, as Python counts threads. */
  readonly owner: number | null;
  /** Tasks that have it, as it says itself. */
  readonly tasks: readonly number[];
  /** Code that calls `release` by itself may give it back although no function is inside its block. */
  readonly isReleasedElsewhere: boolean;
}

export interface ConnectionPool {
  readonly id: number;
  readonly name: string;
  readonly size: number | null;
  readonly used: number | null;
  readonly waiting: number | null;
}

export interface ThreadPool {
  readonly id: number;
  readonly kind: string;
  readonly name: string | null;
  readonly size: number | null;
  /** Threads at work, and how many wait for some. */
  readonly busy: readonly (number | null)[];
  readonly idle: number;
  /** Futures that wait for a thread. */
  readonly queued: readonly number[];
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
