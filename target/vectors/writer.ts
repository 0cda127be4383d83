/**
 * The one writer of the vector table. Jobs run one after another in the order of asking, never over
 * a model call; rows that wait together are written together. Each job has a deadline: LanceDB
 * cannot be interrupted, so a write that overstays is left to end by itself while those who wait
 * for it, and behind it, get their refusal in time.
 */
import { monotonicMs } from '../../harness/platform/clock.ts';
import type { Claim } from '../cascade/claims.ts';
import { overloaded } from '../refusal.ts';
import type { Fence } from './fence.ts';
import type { Entry, VectorTable } from './table.ts';

export interface Writer {
  /** Makes `entries` the only ones of the claim's row. Resolves also when the fence said no. */
  upsert(claim: Claim, entries: Entry[], signal: AbortSignal): Promise<void>;
  removeDocument(documentId: string): Promise<void>;
  state(): WriterState;
  /** Resolves when nothing is queued or in progress. */
  drained(): Promise<void>;
}

export interface WriterState {
  queued: number;
  /** Age of the write in progress; 0 when there is none. */
  currentMs: number;
}

interface Job {
  write: { claim: Claim; entries: Entry[] } | { documentId: string };
  done(): void;
  refuse(error: unknown): void;
}

export interface WriterParts {
  table: VectorTable;
  fence: Fence;
  writeMs: number;
  compactEveryWrites: number;
  onCompactionError(error: unknown): void;
}

/** Rows written in one commit at most. */
const BATCH_ROWS = 32;

export function writerOf(parts: WriterParts): Writer {
  const queue: Job[] = [];
  let running: Promise<void> | undefined;
  let startedAtMs: number | null = null;
  let writes = 0;

  const run = async () => {
    while (queue.length > 0) {
      const batch = nextBatch(queue);
      startedAtMs = monotonicMs();
      try {
        await perform(batch, parts);
        for (const job of batch) job.done();
      } catch (error) {
        for (const job of batch) job.refuse(error);
      }
      writes++;
      if (writes % parts.compactEveryWrites === 0) {
        startedAtMs = monotonicMs();
        await parts.table.compact().catch(parts.onCompactionError);
      }
      startedAtMs = null;
    }
    running = undefined;
  };

  const submit = (write: Job['write'], signal?: AbortSignal): Promise<void> =>
    new Promise<void>((resolve, reject) => {
      signal?.throwIfAborted();
      const settle = () => {
        clearTimeout(deadline);
        signal?.removeEventListener('abort', onAbort);
      };
      const giveUp = (reason: unknown) => {
        settle();
        const at = queue.indexOf(job);
        if (at >= 0) queue.splice(at, 1);
        reject(reason);
      };
      const job: Job = {
        write,
        done: () => {
          settle();
          resolve();
        },
        refuse: giveUp,
      };
      const onAbort = () => giveUp(signal?.reason);
      const tooLong = () =>
        overloaded('writer-busy', `the vector table took longer than ${parts.writeMs} ms`);
      const deadline = setTimeout(() => giveUp(tooLong()), parts.writeMs);
      signal?.addEventListener('abort', onAbort, { once: true });
      queue.push(job);
      running ??= run();
    });

  return {
    upsert: (claim, entries, signal) => submit({ claim, entries }, signal),
    removeDocument: (documentId) => submit({ documentId }),
    state: () => ({
      queued: queue.length,
      currentMs: startedAtMs === null ? 0 : monotonicMs() - startedAtMs,
    }),
    drained: async () => running,
  };
}

/** One removal, or as many upserts as stand together at the head of the queue. */
function nextBatch(queue: Job[]): Job[] {
  const head = queue.findIndex((job) => 'documentId' in job.write);
  const together = head === 0 ? 1 : Math.min(head < 0 ? queue.length : head, BATCH_ROWS);
  return queue.splice(0, together);
}

async function perform(batch: readonly Job[], { table, fence }: WriterParts): Promise<void> {
  const rows = new Map<string, Entry[]>();
  for (const { write } of batch) {
    if ('documentId' in write) return table.removeDocument(write.documentId);
    if (fence.admits(write.claim)) rows.set(write.claim.rowId, write.entries);
  }
  if (rows.size > 0) await table.replaceRows([...rows.keys()], [...rows.values()].flat());
}
