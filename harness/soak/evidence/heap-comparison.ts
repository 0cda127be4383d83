/**
 * Two heap snapshots of a Node target, after the first round and after the last, compared. On request: a
 * snapshot stops the process for some 0.6 s at 100,000 objects, and V8 keeps a table of their numbers.
 */
import { takeSnapshot } from '../../diagnosis/awaits/take-snapshot.ts';
import type { RoundRecord } from '../rounds/record.ts';
import type { TargetSubject } from '../target-subject.ts';
import { heapGrowth, heapGrowthText, lastId } from './heap-growth.ts';

export interface HeapComparison {
  /** Takes the first one when its time has come. */
  after(record: RoundRecord): Promise<void>;
  end(): Promise<void>;
  /** Evidence by resource; empty until the second one is taken. */
  found(): Readonly<Record<string, readonly string[]>>;
}

const SNAPSHOT_MS = 120_000;

export function heapComparison(
  subject: Pick<TargetSubject, 'node' | 'servingPid'>,
  runtime: string,
): HeapComparison {
  let sinceId: number | null = null;
  let heap: readonly string[] = [];
  const snapshot = async () => {
    const inspector = subject.node.inspector(subject.servingPid());
    return inspector ? await takeSnapshot(inspector, SNAPSHOT_MS) : null;
  };
  return {
    async after(record) {
      // Before anything is compared: its own traces are then in all values alike.
      if (runtime !== 'node' || sinceId !== null || record.kind !== 'warmup') return;
      const first = await snapshot();
      if (first) sinceId = lastId(first);
    },
    async end() {
      if (sinceId === null) return;
      const last = await snapshot();
      if (last) heap = heapGrowth(last, sinceId).map(heapGrowthText);
    },
    found: () => (heap.length > 0 ? { heap, memory: heap } : {}),
  };
}
