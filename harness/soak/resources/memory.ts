/** The memory of processes, as the kernel accounts for it. */
import { readText } from '../../platform/procfs/files.ts';
import { readStat } from '../../platform/procfs/process.ts';

/**
 * Bytes of memory of one process, those in swap included; pages that it shares with others count in part, so
 * that the sum over a tree counts each once. Some 2 ms. Resident pages where the kernel does not tell more.
 */
export function memoryBytes(pid: number): number {
  const text = rollup(pid);
  const field = (name: string): number | null => {
    const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) * 1024;
  };
  const pss = field('Pss');
  if (pss !== null) return pss + (field('SwapPss') ?? 0);
  return readStat(pid)?.rssBytes ?? 0;
}

function rollup(pid: number): string {
  try {
    return readText(`/proc/${pid}/smaps_rollup`) ?? '';
  } catch {
    // Readable by its owner and root only.
    return '';
  }
}
