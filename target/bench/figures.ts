/** Figures of a bench, and their format. */
import { performance } from 'node:perf_hooks';

/** The value below which `share` of the `values` lie. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const ms = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`;

/** A line of a table; the first column is a name. */
export function row(name: string, ...columns: readonly (string | number)[]): string {
  return [name.padEnd(28), ...columns.map((column) => String(column).padStart(12))].join('');
}

/** Milliseconds that `work` took. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
