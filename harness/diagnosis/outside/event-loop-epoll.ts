/**
 * Which epoll descriptor is the first thread's own loop. A Node process makes it before its other ones, and
 * a synchronous call such as execSync waits on a new one. But before it stands one that nobody waits on and
 * that watches nothing (descriptor 3 of Node 20 and 24), and those of other threads are not its own either.
 */
import { readdirSync } from 'node:fs';
import { readText } from '../../platform/procfs/files.ts';
import { readThreadIds } from '../../platform/procfs/process.ts';
import { epollFds, readThread } from './thread-stat.ts';

/** The likely one, null when there is none. Some 60 µs a thread. */
export function findLoopEpollFd(pid: number): number | null {
  const others = new Set(
    readThreadIds(pid)
      .filter((tid) => tid !== pid)
      .map((tid) => readThread(pid, tid)?.epollFd),
  );
  let names: string[] = [];
  try {
    names = readdirSync(`/proc/${pid}/fd`);
  } catch {
    // It has just gone: the next look will say so.
  }
  return epollFds(pid, names).find((fd) => !others.has(fd) && watchesSomething(pid, fd)) ?? null;
}

/** The kernel lists what an epoll watches in lines that begin with `tfd:`. */
function watchesSomething(pid: number, fd: number): boolean {
  return /^tfd:/m.test(readText(`/proc/${pid}/fdinfo/${fd}`) ?? '');
}
