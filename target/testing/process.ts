/** Figures of a target's process, read from /proc. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { TargetProcess } from './target.ts';

const of = ({ process }: TargetProcess, name: string) => `/proc/${process.pid}/${name}`;

/** CPU time of all its threads so far, in milliseconds. */
export function cpuMs(target: TargetProcess): number {
  return readdirSync(of(target, 'task')).reduce((sum, thread) => {
    const [ran = '0'] = readFileSync(of(target, `task/${thread}/schedstat`), 'utf8').split(' ');
    return sum + Number(ran) / 1e6;
  }, 0);
}

/** Threads that the program has started, by the name that Node gives them. */
export function workerThreadCount(target: TargetProcess): number {
  return readdirSync(of(target, 'task')).filter((thread) => {
    try {
      return readFileSync(of(target, `task/${thread}/comm`), 'utf8').trim() === 'WorkerThread';
    } catch {
      return false;
    }
  }).length;
}

/** The number of open descriptors whose path satisfies `wanted`. */
export function openFiles(target: TargetProcess, wanted: (path: string) => boolean): number {
  return readdirSync(of(target, 'fd')).filter((fd) => {
    try {
      return wanted(readlinkSync(of(target, `fd/${fd}`)));
    } catch {
      return false;
    }
  }).length;
}

export function childCount(target: TargetProcess): number {
  return readdirSync(of(target, 'task')).reduce((sum, thread) => {
    const children = readFileSync(of(target, `task/${thread}/children`), 'utf8');
    return sum + children.split(' ').filter(Boolean).length;
  }, 0);
}

export function rssBytes(target: TargetProcess): number {
  const pages = readFileSync(of(target, 'statm'), 'utf8').split(' ')[1];
  return Number(pages) * 4096;
}
