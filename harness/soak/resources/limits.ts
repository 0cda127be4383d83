/** Where growth ends: the limits that the system sets to a process. */
import { totalmem } from 'node:os';
import { readText } from '../../platform/procfs/files.ts';

export interface SystemLimits {
  /** Open descriptors of one process; null when there is no limit to be read. */
  fds: number | null;
  /** Of its control group, else of the machine. */
  memoryBytes: number;
}

export function limitsOf(pid: number): SystemLimits {
  const fds = /^Max open files\s+(\d+)/m.exec(readText(`/proc/${pid}/limits`) ?? '')?.[1];
  return {
    fds: fds === undefined ? null : Number(fds),
    memoryBytes: Math.min(totalmem(), groupLimit(pid) ?? Number.POSITIVE_INFINITY),
  };
}

/** `memory.max` of its group (control groups, version 2); null where there is none. */
function groupLimit(pid: number): number | null {
  const group = /^0::(\/\S*)$/m.exec(readText(`/proc/${pid}/cgroup`) ?? '')?.[1];
  if (group === undefined || group.includes('..')) return null;
  const limit = Number(readText(`/sys/fs/cgroup${group}/memory.max`)?.trim());
  return Number.isFinite(limit) && limit > 0 ? limit : null;
}
