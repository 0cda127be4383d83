/** Has a process write a heap snapshot, and reads it as it comes. */
import type { HeapGraph } from '../heap/snapshot.ts';
import { snapshotReader } from '../heap/snapshot-reader.ts';
import type { Inspector } from '../inspector/session.ts';

/** The process is paused meanwhile. */
export async function takeSnapshot(inspector: Inspector, timeoutMs: number): Promise<HeapGraph> {
  const reader = snapshotReader();
  inspector.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => reader.write(chunk));
  await inspector.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false }, timeoutMs);
  return reader.end();
}
