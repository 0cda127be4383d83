/** The memory of processes, as the kernel accounts for it. */
import { readText } from '../../platform/procfs/files.ts';

/**
 * Bytes of memory of one process that no file stands behind, those in swap included: heaps, stacks, buffers. What
 * it shares with others counts in part, so that the sum over a tree counts each page once. Pages of programs
 * and libraries are left out: how many of them a process is charged for depends on who else runs the same
 * program. Some 2 ms.
 */
export function memoryBytes(pid: number): number {
  const shares = sumOf(rollup(pid), ['Pss_Anon', 'Pss_Shmem', 'SwapPss']);
  // Before Linux 5.9, and for whom the kernel does not tell it: whole pages.
  return (
    shares ?? sumOf(readText(`/proc/${pid}/status`) ?? '', ['RssAnon', 'RssShmem', 'VmSwap']) ?? 0
  );
}

/** null when the first of them is not told. */
function sumOf(text: string, names: readonly string[]): number | null {
  const values = names.map((name) => new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]);
  if (values[0] === undefined) return null;
  return values.reduce((sum, value) => sum + Number(value ?? 0) * 1024, 0);
}

function rollup(pid: number): string {
  try {
    return readText(`/proc/${pid}/smaps_rollup`) ?? '';
  } catch {
    // Readable by its owner and root only.
    return '';
  }
}
