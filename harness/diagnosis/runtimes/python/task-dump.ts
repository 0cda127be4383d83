/** What a Python process says of itself, as `agent/hanglab_agent` writes it: checked, since it is the target's word. */
import { z } from 'zod';
import type { Frame } from '../../diagnosis.ts';
import type { TaskLook } from '../../facts/runtime-facts.ts';
import { originOf } from './origin.ts';

const id = z.number();
const place = z.number().int().nonnegative();
const wait = z.object({
  kind: z.enum([
    'lock',
    'task',
    'timer',
    'future',
    'event',
    'pool',
    'socket',
    'child',
    'work',
    'thread',
  ]),
  id,
  name: z.string(),
  on: z.array(z.number().nullable()).exactOptional(),
  all: z.boolean().exactOptional(),
  work: z.array(id).exactOptional(),
  others: z.number().exactOptional(),
  inode: z.number().exactOptional(),
});
const request = z.object({
  method: z.string(),
  path: z.string(),
  peer: z.object({ host: z.string(), port: z.number() }).nullable(),
});
const holds = z.array(z.object({ id, name: z.string(), frame: place }));

const task = z.object({
  id,
  name: z.string(),
  frames: z.array(place),
  future: z.string().nullable(),
  waits: wait.nullable(),
  holds: holds.nullable(),
  deadlineMs: z.number().nullable(),
  request: request.nullable(),
  socket: z.number().nullable(),
  more: z.number(),
});
const thread = z.object({
  id: z.number().nullable(),
  ident: z.number(),
  name: z.string().nullable(),
  frames: z.array(place),
  waits: wait.nullable(),
  holds,
  request: request.nullable(),
  socket: z.number().nullable(),
});

const dump = z.union([
  z.object({ error: z.string() }),
  z.object({
    version: z.literal(2),
    count: z.number(),
    isWhole: z.boolean(),
    tasks: z.array(task),
    threads: z.array(thread),
    locks: z.array(
      z.object({
        id,
        name: z.string(),
        isLocked: z.boolean().nullable(),
        owner: z.number().nullable(),
        tasks: z.array(id),
        isReleasedElsewhere: z.boolean(),
      }),
    ),
    pools: z.array(
      z.object({
        id,
        name: z.string(),
        size: z.number().nullable(),
        used: z.number().nullable(),
        waiting: z.number().nullable(),
      }),
    ),
    threadPools: z.array(
      z.object({
        id,
        kind: z.string(),
        name: z.string().nullable(),
        size: z.number().nullable(),
        busy: z.array(z.number().nullable()),
        idle: z.number(),
        queued: z.array(id),
      }),
    ),
    workers: z.array(z.object({ future: id, thread: z.number().nullable() })),
    /** Each place in the source once: name, file, line. */
    places: z.array(z.tuple([z.string(), z.string(), z.number()])),
  }),
]);

/** @returns null for a text that is no dump, or not a whole one. */
export function parseTaskDump(text: string): TaskLook | null {
  try {
    const read = dump.parse(JSON.parse(text));
    if ('error' in read) return read;
    const { places, tasks, threads, version: _, ...rest } = read;
    const frames = places.map(
      ([name, file, line]): Frame => ({
        function: name.replace(/^.*<locals>\./, ''),
        file,
        line,
        column: 0,
        origin: originOf(file),
      }),
    );
    const frameAt = (number: number): Frame => {
      const found = frames[number];
      if (!found) throw new RangeError('no such place');
      return found;
    };
    const heldBy = (all: z.infer<typeof holds> | null) =>
      (all ?? []).map((held) => ({ ...held, frame: frameAt(held.frame) }));
    return {
      ...rest,
      tasks: tasks.map((each) => ({
        ...each,
        frames: each.frames.map(frameAt),
        holds: heldBy(each.holds),
      })),
      threads: threads.map((each) => ({
        ...each,
        name: each.name ?? String(each.id ?? each.ident),
        frames: each.frames.map(frameAt),
        holds: heldBy(each.holds),
      })),
    };
  } catch {
    return null;
  }
}
