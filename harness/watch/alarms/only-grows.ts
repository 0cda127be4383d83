/**
 * A count only grows. Live counts rise and fall with the load, so windows are compared by the least that each
 * of them saw: what a quiet moment did not give back. All of twelve windows in a row must have grown, by a fifth in
 * all, while the work (CPU time a window) has not grown as much: else it is the load that grows.
 */
import { formatMs } from '../../platform/duration.ts';
import type { Counts } from '../samples/sample.ts';
import type { Alarm, Rule } from './alarm.ts';

/** Eleven steps upwards happen by chance once in 2,000 series of a random walk, before the other conditions. */
const WINDOWS = 12;
const LEAST_SHARE = 0.2;

/** In the order in which they are told; memory in bytes. */
const WATCHED = {
  fds: { name: 'open descriptors', least: 24 },
  threads: { name: 'threads', least: 12 },
  children: { name: 'children', least: 12 },
  closeWait: { name: 'connections that the client has closed and the server has not', least: 12 },
  memoryBytes: { name: 'memory', least: 64 * 2 ** 20 },
} as const;

type Watched = keyof typeof WATCHED;
type Minima = Record<Watched, number> & { cpuMs: number };

export function onlyGrowsRule(windowMs: number): Rule {
  const windows: Minima[] = [];
  let current: { minima: Record<Watched, number>; sinceMs: number; cpuMs: number } | null = null;
  let closeWait = 0;
  let processes = 0;
  let alarms: readonly Alarm[] = [];

  return {
    hear(sample) {
      const { atMs, counts, connections } = sample;
      if (connections) closeWait = connections.closeWait;
      // Workers that come and go take their counts with them.
      if (counts.processes !== processes) {
        processes = counts.processes;
        windows.length = 0;
        current = null;
        alarms = [];
      }
      const seen = { ...pick(counts), closeWait };
      if (current === null) {
        current = { minima: seen, sinceMs: atMs, cpuMs: counts.cpuMs };
      } else if (atMs - current.sinceMs < windowMs) {
        current.minima = least(current.minima, seen);
      } else {
        windows.push({ ...current.minima, cpuMs: counts.cpuMs - current.cpuMs });
        if (windows.length > WINDOWS) windows.shift();
        current = { minima: seen, sinceMs: atMs, cpuMs: counts.cpuMs };
        alarms = grown(windows, windowMs);
      }
      return alarms;
    },
  };
}

function pick({ fds, threads, children, memoryBytes }: Counts) {
  return { fds, threads, children, memoryBytes };
}

function least(a: Record<Watched, number>, b: Record<Watched, number>): Record<Watched, number> {
  return {
    fds: Math.min(a.fds, b.fds),
    threads: Math.min(a.threads, b.threads),
    children: Math.min(a.children, b.children),
    closeWait: Math.min(a.closeWait, b.closeWait),
    memoryBytes: Math.min(a.memoryBytes, b.memoryBytes),
  };
}

function grown(windows: readonly Minima[], windowMs: number): Alarm[] {
  if (windows.length < WINDOWS) return [];
  const first = windows[0] as Minima;
  const last = windows.at(-1) as Minima;
  const workGrowth = growthByHalves(windows.map(({ cpuMs }) => cpuMs));
  return (Object.keys(WATCHED) as Watched[]).flatMap((key) => {
    const { name, least: leastGrowth } = WATCHED[key];
    const growth = last[key] - first[key];
    const isSteady = windows.every(
      (each, i) => i === 0 || each[key] > (windows[i - 1] as Minima)[key],
    );
    const share = growth / Math.max(1, first[key]);
    const isByLoad = growthByHalves(windows.map((each) => each[key])) < workGrowth;
    if (!isSteady || growth < leastGrowth || share < LEAST_SHARE || isByLoad) return [];
    const show = (value: number): string =>
      key === 'memoryBytes' ? `${Math.round(value / 2 ** 20)} MB` : String(value);
    return [
      {
        ...{ kind: 'only-grows' as const, subject: name, asksForDiagnosis: false },
        sentence: `${name}: ${show(first[key])} → ${show(last[key])} in ${formatMs(WINDOWS * windowMs)}, more in each ${formatMs(windowMs)} than in the one before, also at its quietest`,
      },
    ];
  });
}

/** By halves, since one window alone is as busy as chance will have it: 0.5 when the second holds half as much again. */
function growthByHalves(values: readonly number[]): number {
  const sum = (part: readonly number[]): number => part.reduce((total, each) => total + each, 0);
  const half = values.length / 2;
  return sum(values.slice(half)) / Math.max(1, sum(values.slice(0, half))) - 1;
}
