/** The resources that a soak judges: in what unit, and from which growth on it matters. */
import type { Scale } from '../statistics/judge-series.ts';

export interface Resource {
  name: string;
  scale: Scale;
  unit: Unit;
}

/** `things` are counted; what they are is the resource's name. */
export type Unit = 'things' | 'bytes' | 'ms' | 'ms/s';

/** The smallest leaks that `flat` must rule out. */
export interface Smallest {
  /** Things an operation. */
  count: number;
  /** Bytes an operation. */
  bytes: number;
}

export const DEFAULT_SMALLEST: Smallest = { count: 1 / 1000, bytes: 100 };

/**
 * What a runtime's allocator may hold in reserve, so that a leak does not show in the pages of the process at
 * first. Python takes arenas of 1 MiB, V8 pages of 256 KiB, glibc 132 KiB at a time; Go's heap does not grow
 * until 4 MiB are in use, and then by as much as is alive.
 */
const PAGES_IN_RESERVE = 2_000_000;
const PAGES_IN_RESERVE_GO = 8_000_000;
/** What a heap that has just been collected differs by (measured on Node 20 to 24: 2 to 12 kB). */
const HEAP_IN_RESERVE = 16_000;
/** Smaller growth in all is not worth anybody's time. */
const LEAST_HEAP_BYTES = 64_000;
const LEAST_PAGES_BYTES = 256_000;
/** One core for a hundredth of the time, while nothing is asked of it. */
const LEAST_IDLE_CPU = 10;
const LEAST_LATENCY_MS = 5;

export interface Circumstances {
  smallest: Smallest;
  runtime: string;
  /** The first reading of each resource: what relative growth is measured by. */
  first: Readonly<Record<string, number>>;
}

export function resourceOf(name: string, { smallest, runtime, first }: Circumstances): Resource {
  const weight = (floor: number, granule: number): Scale => ({
    kind: 'weight',
    ...{ floor, granule, smallest: { perOperation: smallest.bytes } },
  });
  const inAll = (floor: number): Scale => ({
    kind: 'weight',
    ...{ floor, granule: 0, smallest: { inAll: Math.max(floor, first[name] ?? 0) } },
  });
  switch (name) {
    case 'heap':
    case 'buffers':
      return { name, unit: 'bytes', scale: weight(LEAST_HEAP_BYTES, HEAP_IN_RESERVE) };
    case 'memory':
      return { name, unit: 'bytes', scale: weight(LEAST_PAGES_BYTES, reserveOf(runtime)) };
    case 'temporary bytes':
      return { name, unit: 'bytes', scale: weight(LEAST_HEAP_BYTES, 0) };
    case 'idle CPU':
      return { name, unit: 'ms/s', scale: inAll(LEAST_IDLE_CPU) };
    case 'latency':
      return { name, unit: 'ms', scale: inAll(LEAST_LATENCY_MS) };
    default:
      return {
        name,
        unit: 'things',
        scale: { kind: 'count', floor: 0, granule: 0, smallest: { perOperation: smallest.count } },
      };
  }
}

/** A JVM takes its heap from the system beforehand: that its pages do not grow says nothing. */
function reserveOf(runtime: string): number {
  if (runtime === 'jvm') return Number.POSITIVE_INFINITY;
  return runtime === 'go' ? PAGES_IN_RESERVE_GO : PAGES_IN_RESERVE;
}
