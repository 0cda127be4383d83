/** What a Python process says of its asyncio tasks, as `agent/hanglab_tasks.py` writes it: checked, since it is the target's word. */
import { z } from 'zod';
import type { Frame } from '../../diagnosis.ts';
import type { TaskLook } from '../../facts/runtime-facts.ts';
import { originOf } from './origin.ts';

const frame = z
  .object({ function: z.string(), file: z.string(), line: z.number() })
  .transform((read): Frame => ({ ...read, column: 0, origin: originOf(read.file) }));

const task = z.object({
  id: z.number(),
  name: z.string(),
  frames: z.array(frame),
  future: z.string().nullable(),
  waits: z
    .object({
      kind: z.enum(['lock', 'task', 'timer', 'future']),
      id: z.number(),
      name: z.string(),
      on: z.array(z.number()).exactOptional(),
    })
    .nullable(),
  holds: z.array(z.object({ id: z.number(), name: z.string(), frame })),
});

const dump = z.union([
  z.object({ error: z.string() }),
  z.object({ count: z.number(), tasks: z.array(task) }),
]);

/** @returns null for a text that is no dump, or not a whole one. */
export function parseTaskDump(text: string): TaskLook | null {
  try {
    return dump.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
