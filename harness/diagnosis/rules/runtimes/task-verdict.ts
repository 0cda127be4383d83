/** Asyncio tasks that are stuck: who waits for which lock, who holds it, and whether anybody can go on. */
import type { DiagnosisCode } from '../../codes.ts';
import type { Frame, Where } from '../../diagnosis.ts';
import type { Task, Tasks } from '../../facts/runtime-facts.ts';
import { findCycle, stuckForever, type Wait } from '../../wait-cycle.ts';
import { frameLabel } from '../../wording/frame.ts';
import { plural } from '../../wording/numbers.ts';
import type { Verdict } from '../rule.ts';

/** Without a code when it cannot be decided. */
export type TaskVerdict = Omit<Verdict, 'code' | 'evidence'> & {
  code?: DiagnosisCode;
  evidence: string[];
};

const MAX_EVIDENCE = 10;

/**
 * What can be held. An event, a queue or a condition has no holder: somebody else may always come. (Those
 * that wait to enter a condition wait for the lock inside it.)
 */
const HELD = /Lock|Semaphore/;

/**
 * @param before an earlier look: waits that were not there already are no hang. Without it only a cycle
 *   is certain, for tasks that take turns look the same in one look.
 */
export function judgeTasks({ tasks, count }: Tasks, before: Tasks | null = null): TaskVerdict {
  const hasWaited = (task: Task): boolean => waitsSince(before, task);
  const waits = tasks.map((task): Wait => waitOf(task, tasks));
  const lost = stuckForever(waits);
  const evidence = [plural(count, 'asyncio task')];
  const queued = tasks.filter(({ waits: on }) => on?.kind === 'lock' && HELD.test(on.name));
  const stuck = queued.filter(hasWaited);
  if (queued.length > 0 && stuck.length === 0) {
    evidence.push(
      `${tasksWait(queued.length)} for locks, and none for as long as from one look to the next`,
    );
  }
  if (stuck.length === 0) return withoutLocks(tasks, lost, evidence);
  const cycle = findCycle(waits, lost);
  const groups = groupsOf(stuck).sort(
    (a, b) => Number(isIn(cycle, b)) - Number(isIn(cycle, a)) || b.length - a.length,
  );
  const [main = []] = groups;
  const [first] = main;
  const lock = first?.waits;
  const holder = tasks.find(({ holds }) => holds.some(({ id }) => id === lock?.id));
  const held = holder?.holds.find(({ id }) => id === lock?.id)?.frame;
  const code: DiagnosisCode = cycle
    ? 'deadlock'
    : !holder
      ? 'abandoned-lock'
      : !hasWaited(holder)
        ? 'slow-but-live'
        : holder.waits?.kind === 'timer'
          ? 'waiting-on-timer'
          : 'awaiting-forever';
  const heldBy =
    holder && held
      ? `${holder.name} holds it in ${frameLabel(held)} and ${occupation(holder, lock?.id)}`
      : 'no living task holds it';
  if (cycle) {
    const names = cycle.map((id) => placeOf(tasks.find((task) => task.id === id) as Task));
    evidence.push(`cycle: ${[...names, names[0]].join(' -> ')}`);
  }
  return {
    code,
    sentence: `${cycle ? 'Deadlock: ' : ''}${tasksWait(stuck.length)} for a ${lock?.name}, ${main.length} of them at ${first && placeOf(first)}; ${heldBy}.`,
    where: groups.flatMap(placeIn),
    holder: {
      kind: held ? 'function' : 'nobody',
      sentence: heldBy,
      where: held ? held : null,
    },
    evidence,
  };
}

/** No lock is in the way: tasks that wait for one another only, or nothing that could be named. */
function withoutLocks(
  tasks: readonly Task[],
  lost: ReadonlySet<number>,
  evidence: readonly string[],
): TaskVerdict {
  const shown = tasks.filter(({ id }) => lost.size === 0 || lost.has(id));
  const groups = groupsOf(shown).sort((a, b) => b.length - a.length);
  const where = groups.flatMap(placeIn);
  const listed = groups
    .slice(0, MAX_EVIDENCE)
    .map(
      (members) =>
        `${members.length} at ${placeOf(members[0] as Task)} wait for ${waitsFor(members[0] as Task)}`,
    );
  if (lost.size > 0) {
    return {
      code: 'awaiting-forever',
      sentence: `${tasksWait(lost.size)} for one another only, ${groups[0]?.length} at ${placeOf(groups[0]?.[0] as Task)}.`,
      where,
      evidence: [...evidence, ...listed],
    };
  }
  return {
    code: 'undecided',
    isDecided: false,
    sentence:
      'No asyncio task waits for a lock; whether what they wait for will come cannot be seen from here.',
    where,
    evidence: [...evidence, ...listed],
  };
}

function waitsSince(before: Tasks | null, { name, future }: Task): boolean {
  if (before === null) return true;
  return before.tasks.some((task) => task.name === name && task.future === future);
}

function waitOf({ id, waits }: Task, tasks: readonly Task[]): Wait {
  if (waits?.kind === 'task')
    return { id, on: [waits.id], all: false, externallyResolvable: false };
  if (waits?.on && waits.on.length > 0)
    return { id, on: waits.on, all: true, externallyResolvable: false };
  if (waits?.kind !== 'lock' || !HELD.test(waits.name))
    return { id, on: [], all: false, externallyResolvable: true };
  const holders = tasks.filter(({ holds }) => holds.some((held) => held.id === waits.id));
  return { id, on: holders.map((holder) => holder.id), all: false, externallyResolvable: false };
}

/** Tasks that wait at the same place for the same thing: requests differ in their futures only. */
function groupsOf(tasks: readonly Task[]): Task[][] {
  const key = (task: Task): string =>
    `${placeOf(task)} ${task.waits?.kind === 'lock' ? task.waits.id : waitsFor(task)}`;
  return [...Map.groupBy(tasks, key).values()];
}

function placeIn(members: readonly Task[]): Where[] {
  const [one] = members;
  const at = one && ownFrame(one.frames);
  if (!at) return [];
  return [
    {
      ...at,
      count: members.length,
      ageMs: null,
      chain: ownChain(one.frames),
      waitsFor: waitsFor(one),
      locals: [],
    },
  ];
}

function waitsFor({ waits }: Task): string {
  if (!waits) return 'its turn';
  if (waits.kind === 'timer') return 'a timer';
  if (waits.kind === 'task' || waits.on?.length) return 'another task';
  return `${/^[AEIOU]/.test(waits.name) ? 'an' : 'a'} ${waits.name}`;
}

function occupation(task: Task, lock: number | undefined): string {
  if (task.waits?.id === lock) return `wants it once more at ${placeOf(task)}`;
  return `itself waits for ${waitsFor(task)} at ${placeOf(task)}`;
}

function tasksWait(count: number): string {
  return count === 1 ? '1 task waits' : `${count} tasks wait`;
}

function isIn(cycle: readonly number[] | null, tasks: readonly Task[]): boolean {
  return tasks.some(({ id }) => cycle?.includes(id));
}

/** The innermost frame of the program itself; of a library's when there is none. */
function ownFrame(frames: readonly Frame[]): Frame | null {
  return frames.findLast(isOwn) ?? frames.at(-1) ?? null;
}

/** The program's functions on the way, without those of the framework between them. */
function ownChain(frames: readonly Frame[]): Frame[] {
  const own = frames.filter(isOwn);
  return own.length > 0 ? own : [...frames];
}

function isOwn({ origin }: Frame): boolean {
  return origin === 'program' || origin === 'unknown';
}

function placeOf({ frames }: Task): string {
  const frame = ownFrame(frames);
  return frame ? frameLabel(frame) : 'an unknown place';
}
