/** What a Python process tells of its asyncio tasks, as `python/hanglab_tasks.py` writes it. */

import type { Frame } from '../../diagnosis.ts';
import { named } from '../../wording/frame.ts';

export type TaskDump = Tasks | { error: string };

export interface Tasks {
  /** How many there are; only the first 2000 are told. */
  count: number;
  tasks: Task[];
  threads: { name: string; frames: PythonFrame[] }[];
}

export interface PythonFrame {
  function: string;
  file: string;
  line: number;
}

export interface Task {
  id: number;
  name: string;
  /** Outermost first. */
  frames: PythonFrame[];
  /** What it awaits in the end, by which one wait is told from the next at the same place. */
  future: string | null;
  /** `on`: the tasks that a gather or shield waits for. */
  waits: {
    kind: 'lock' | 'task' | 'timer' | 'future';
    id: number;
    name: string;
    on?: number[];
  } | null;
  /** With the frame that has entered it. */
  holds: { id: number; name: string; frame: PythonFrame }[];
}

/** Python's own library, and what was installed beside it. */
export const LIBRARY = /\/(lib(64)?\/python[\d.]+|site-packages|dist-packages)\//;

/** The innermost frame of the program itself; of a library's when there is none. */
export function ownFrame(frames: readonly PythonFrame[]): Frame | null {
  const own = frames.findLast(({ file }) => !LIBRARY.test(file));
  const frame = own ?? frames.at(-1);
  return frame ? asFrame(frame) : null;
}

/** The program's functions on the way, without those of the framework between them. */
export function ownChain(frames: readonly PythonFrame[]): Frame[] {
  const own = frames.filter(({ file }) => !LIBRARY.test(file));
  return (own.length > 0 ? own : frames).map(asFrame);
}

export function placeOf({ frames }: Task): string {
  const frame = ownFrame(frames);
  return frame ? named(frame) : 'an unknown place';
}

export function asFrame({ function: name, file, line }: PythonFrame): Frame {
  return { function: name, file, line, column: 0 };
}
