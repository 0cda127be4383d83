/** Places and waits of Python's tasks and threads, in words. */
import type { Frame, Where } from '../../diagnosis.ts';
import { frameLabel } from '../../wording/frame.ts';
import type { Actor } from './python-graph.ts';

/** Those that wait at the same place for the same thing: requests differ in their futures only. */
export function groupsOf(actors: readonly Actor[]): Actor[][] {
  const key = (actor: Actor): string =>
    `${placeOf(actor)} ${actor.waits?.kind === 'lock' ? actor.waits.id : waitsFor(actor)}`;
  return [...Map.groupBy(actors, key).values()];
}

export function placeIn(members: readonly Actor[], ageMs: number | null = null): Where[] {
  const [one] = members;
  const at = one && ownFrame(one.frames);
  if (!at) return [];
  return [
    {
      ...at,
      count: countOf(members),
      ageMs,
      chain: ownChain(one.frames),
      waitsFor: waitsFor(one),
      locals: [],
    },
  ];
}

export function countOf(actors: readonly Actor[]): number {
  return actors.reduce((sum, { count }) => sum + count, 0);
}

export function waitsFor({ waits, isThread, socket }: Actor): string {
  if (!waits) return isThread && socket !== null ? 'a socket' : 'its turn';
  if (waits.kind === 'timer') return 'a timer';
  if (waits.kind === 'task' || (waits.kind === 'future' && waits.on?.length)) return 'another task';
  if (waits.kind === 'work') return 'work of a pool of threads';
  if (waits.kind === 'thread') return `the thread ${waits.name}`;
  if (waits.kind === 'pool') return `a connection of the pool ${waits.name}`;
  return `${/^[AEIOU]/.test(waits.name) ? 'an' : 'a'} ${waits.name}`;
}

/** `3 tasks wait`, `1 thread waits`. */
export function whoWait(actors: readonly Actor[]): string {
  const count = countOf(actors);
  const [tasks, threads] = [
    actors.some((each) => !each.isThread),
    actors.some((each) => each.isThread),
  ];
  const kind = tasks && threads ? 'task or thread' : threads ? 'thread' : 'task';
  if (count === 1) return `1 ${kind} waits`;
  return `${count} ${kind === 'task or thread' ? 'tasks and threads' : `${kind}s`} wait`;
}

/** The innermost frame of the program itself; of a package’s when there is none. */
export function ownFrame(frames: readonly Frame[]): Frame | null {
  return (
    frames.findLast(({ origin }) => origin === 'program') ??
    frames.findLast(({ origin }) => origin === 'package') ??
    frames.at(-1) ??
    null
  );
}

/** The program's functions on the way, without those of the framework between them. */
function ownChain(frames: readonly Frame[]): Frame[] {
  const own = frames.filter(({ origin }) => origin === 'program');
  return own.length > 0 ? own : [...frames];
}

export function hasOwnFrame({ frames }: Pick<Actor, 'frames'>): boolean {
  return frames.some(({ origin, function: name }) => origin === 'program' && name !== '<module>');
}

export function placeOf({ frames }: Pick<Actor, 'frames'>): string {
  const frame = ownFrame(frames);
  return frame ? frameLabel(frame) : 'an unknown place';
}
