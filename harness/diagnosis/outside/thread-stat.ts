/** One thread of a process as the kernel sees it: what it waits in, and what it has cost. */
import { readLink, readText } from '../../platform/procfs/files.ts';
import { readStat } from '../../platform/procfs/process.ts';

export interface ThreadStat {
  name: string;
  state: string;
  /** The kernel function it sleeps in (`do_epoll_wait`), or the empty string while it runs. */
  waitsIn: string;
  /** The epoll descriptor that it waits on, or null. */
  epollFd: number | null;
  cpuMs: number;
  systemMs: number;
  userMs: number;
  /** Ready to run but without a core: somebody else had it. */
  queuedMs: number;
}

/** epoll_wait, epoll_pwait, epoll_pwait2: their first argument is the descriptor. */
const EPOLL_CALLS: Record<string, ReadonlySet<number>> = {
  x64: new Set([232, 281, 441]),
  arm64: new Set([22, 441]),
};

/** Some 60 µs. `null` when the thread has ended. */
export function readThread(pid: number, tid: number): ThreadStat | null {
  const folder = `/proc/${pid}/task/${tid}`;
  const stat = readStat(pid, tid);
  if (!stat) return null;
  const [cpuNs = 0, queuedNs = 0] = (readText(`${folder}/schedstat`) ?? '').split(' ').map(Number);
  const [call = '', first = ''] = (readText(`${folder}/syscall`) ?? '').split(' ');
  const waitsIn = readText(`${folder}/wchan`) ?? '';
  const isEpoll = EPOLL_CALLS[process.arch]?.has(Number(call)) ?? false;
  return {
    name: stat.name,
    state: stat.state,
    waitsIn: waitsIn === '0' ? '' : waitsIn,
    epollFd: isEpoll ? Number(first) : null,
    cpuMs: cpuNs / 1e6,
    queuedMs: queuedNs / 1e6,
    systemMs: stat.systemMs,
    userMs: stat.userMs,
  };
}

/** Epoll descriptors of a process, lowest first. */
export function epollFds(pid: number, fds: readonly string[]): number[] {
  return fds
    .filter((fd) => readLink(`/proc/${pid}/fd/${fd}`) === 'anon_inode:[eventpoll]')
    .map(Number)
    .sort((a, b) => a - b);
}
