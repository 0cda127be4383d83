/** What the whole machine has been doing. */
import { readText } from './files.ts';
import { TICK_MS } from './process.ts';

/** CPU time of the machine since its start, all cores together; 25 µs. Steal: taken by other machines. */
export function readStealMs(): { stealMs: number; idleMs: number; totalMs: number } {
  const text = readText('/proc/stat') ?? 'cpu';
  const ticks = text.slice(0, text.indexOf('\n')).trim().split(/\s+/).slice(1, 9).map(Number);
  return {
    stealMs: (ticks[7] ?? 0) * TICK_MS,
    // Idle, and waiting for a device: a core that is still free.
    idleMs: ((ticks[3] ?? 0) + (ticks[4] ?? 0)) * TICK_MS,
    // Columns 9 and 10 (guests) are contained in the first two already.
    totalMs: ticks.reduce((sum, n) => sum + n, 0) * TICK_MS,
  };
}
