/** Asyncio tasks that stand still: who waits for which lock, who holds it, and whether anybody can go on. */
import type { DiagnosisCode } from './codes.ts';
import type { Looked } from './looked.ts';
import type { Frame } from './types.ts';
import { findCycle, hopeless, type Wait } from './waits.ts';

/** As `python/sitecustomize.py` writes it. */
export interface TaskDump {
  tasks: Task[];
  threads: { name: string; frames: PythonFrame[] }[];
}

interface PythonFrame {
  function: string;
  file: string;
  line: number;
}

interface Task {
  id: number;
  name: string;
  /** Outermost first. */
  frames: PythonFrame[];
  waits: { kind: 'lock' | 'task' | 'timer' | 'future'; id: number; name: string } | null;
  /** With the frame whose `async with` has entered it. */
  holds: { id: number; name: string; frame: PythonFrame }[];
}

/** What can be held. An event or a queue has no holder: somebody else may always come. */
const HELD = /Lock|Semaphore|Condition/;

export function judgeTasks({ tasks }: TaskDump): Omit<Looked, 'frozenMs'> {
  const waits = tasks.map((task): Wait => waitOf(task, tasks));
  const lost = hopeless(waits);
  const cycle = findCycle(waits, lost);
  const evidence = [`${tasks.length} asyncio tasks`];
  const stuck = tasks.filter(({ waits: on }) => on?.kind === 'lock' && HELD.test(on.name));
  const groups = [...Map.groupBy(stuck, (task) => `${placeOf(task)} ${task.waits?.id}`)]
    .map(([, members]) => members)
    .sort((a, b) => Number(isIn(cycle, b)) - Number(isIn(cycle, a)) || b.length - a.length);
  const [main] = groups;
  const [first] = main ?? [];
  if (!first?.waits) {
    return {
      ...(lost.size === 0 ? {} : { code: 'awaiting-forever' as const }),
      evidence: [
        ...evidence,
        ...tasks
          .slice(0, 10)
          .map(
            (task) => `${task.name}: ${placeOf(task)}, waits for ${task.waits?.name ?? 'nothing'}`,
          ),
      ],
      isDecided: lost.size > 0,
    };
  }
  const lock = first.waits;
  const holders = tasks.filter(({ holds }) => holds.some(({ id }) => id === lock.id));
  const [holder] = holders;
  const code: DiagnosisCode = cycle ? 'deadlock' : holder ? 'awaiting-forever' : 'abandoned-lock';
  const held = holder?.holds.find(({ id }) => id === lock.id)?.frame ?? null;
  const heldBy =
    holder && held
      ? `${holder.name} holds it in ${held.function} (${held.file}:${held.line}) and itself waits for a ${holder.waits?.name ?? 'turn'}`
      : 'no living task holds it';
  if (cycle) {
    const names = cycle.map((id) => placeOf(tasks.find((task) => task.id === id) as Task));
    evidence.push(`circle: ${[...names, names[0]].join(' -> ')}`);
  }
  return {
    code,
    sentence: `${cycle ? 'Deadlock: ' : ''}${stuck.length} tasks wait for a ${lock.name}, ${main?.length} of them at ${placeOf(first)}; ${heldBy}.`,
    where: groups.flatMap((members) => {
      const [one] = members;
      const at = one && ownFrame(one.frames);
      if (!one || !at) return [];
      return [
        {
          ...at,
          count: members.length,
          ageMs: null,
          chain: one.frames.map(asFrame),
          waitsFor: `a ${one.waits?.name}`,
          locals: [],
        },
      ];
    }),
    holder: {
      kind: held ? 'function' : 'nobody',
      sentence: heldBy,
      where: held && asFrame(held),
    },
    evidence,
  };
}

function waitOf({ id, waits }: Task, tasks: readonly Task[]): Wait {
  if (waits?.kind === 'task') return { id, on: [waits.id], all: false, hope: false };
  if (waits?.kind !== 'lock' || !HELD.test(waits.name))
    return { id, on: [], all: false, hope: true };
  const holders = tasks.filter(({ holds }) => holds.some((held) => held.id === waits.id));
  return { id, on: holders.map((holder) => holder.id), all: false, hope: false };
}

function isIn(cycle: readonly number[] | null, tasks: readonly Task[]): boolean {
  return tasks.some(({ id }) => cycle?.includes(id));
}

function placeOf({ frames }: Task): string {
  const frame = ownFrame(frames);
  return frame ? `${frame.function} (${frame.file}:${frame.line})` : 'an unknown place';
}

/** The innermost frame of the program itself. */
function ownFrame(frames: readonly PythonFrame[]): Frame | null {
  const own = frames.findLast(
    ({ file }) => !/\/(lib\/python[\d.]+|site-packages|dist-packages)\//.test(file),
  );
  const frame = own ?? frames.at(-1);
  return frame ? asFrame(frame) : null;
}

function asFrame({ function: name, file, line }: PythonFrame): Frame {
  return { function: name, file, line, column: 0 };
}
