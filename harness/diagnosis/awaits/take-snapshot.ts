/** Has a process write a heap snapshot, and reads it as it comes. */
import { HanglabError, messageOf } from '../../platform/errors.ts';
import type { HeapGraph } from '../heap/snapshot.ts';
import { snapshotReader } from '../heap/snapshot-reader.ts';
import type { Inspector } from '../inspector/session.ts';

/**
 * The process stands still meanwhile. Numbers are in it too: they cost 2 % more.
 * @throws HanglabError `inspector-failed` when what comes is no snapshot.
 */
export async function takeSnapshot(inspector: Inspector, timeoutMs: number): Promise<HeapGraph> {
  const reader = snapshotReader();
  inspector.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => reader.write(chunk));
  const wanted = { reportProgress: false, captureNumericValue: true };
  await inspector.send('HeapProfiler.takeHeapSnapshot', wanted, timeoutMs);
  try {
    return reader.end();
  } catch (error) {
    throw new HanglabError('inspector-failed', `The heap snapshot: ${messageOf(error)}.`);
  }
}
