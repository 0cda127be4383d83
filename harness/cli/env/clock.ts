/** How well this machine keeps time: what a look at the clock costs, and how late timers come. */
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs } from '../../platform/clock.ts';
import { formatMs } from '../../platform/duration.ts';
import { readText } from '../../platform/procfs/files.ts';
import { readStealMs } from '../../platform/procfs/machine.ts';
import type { Capability } from './capability.ts';

const READS = 10_000;
const TIMERS = 60;
const TIMER_MS = 5;
/** Below this nothing is called a stall on shared cores. */
const LATE_MS = 30;
/** A clock that the kernel has to ask a device for costs more than this. */
const SLOW_READ_NS = 2000;

export async function clockCapabilities(): Promise<Capability[]> {
  return [clock(), await timers()];
}

function clock(): Capability {
  const fromMs = monotonicMs();
  for (let i = 0; i < READS; i++) process.hrtime();
  const readNs = Math.round(((monotonicMs() - fromMs) / READS) * 1e6);
  const source = '/sys/devices/system/clocksource/clocksource0/current_clocksource';
  const name = process.platform === 'linux' ? readText(source)?.trim() : null;
  return {
    name: 'clock',
    ok: readNs < SLOW_READ_NS,
    found: `${name ?? 'unknown source'}, ${readNs} ns a read`,
    servesFor: 'instants that threads and processes share',
    hint: 'choose the clock source tsc or kvm-clock in the virtual machine',
  };
}

async function timers(): Promise<Capability> {
  const before = process.platform === 'linux' ? readStealMs() : null;
  const lateMs: number[] = [];
  for (let i = 0; i < TIMERS; i++) {
    const fromMs = monotonicMs();
    await sleep(TIMER_MS);
    lateMs.push(monotonicMs() - fromMs - TIMER_MS);
  }
  const worstMs = Math.max(0, ...lateMs);
  const after = before && readStealMs();
  const steal =
    before && after
      ? `, ${Math.round((100 * (after.stealMs - before.stealMs)) / Math.max(1, after.totalMs - before.totalMs))} % of the cores stolen`
      : '';
  return {
    name: 'timers',
    ok: worstMs < LATE_MS,
    found: `at most ${formatMs(worstMs)} late just now${steal}`,
    servesFor: 'telling a late answer from a late machine',
    hint: 'others use its cores: runs may be inconclusive; --retry-inconclusive tries again',
  };
}
