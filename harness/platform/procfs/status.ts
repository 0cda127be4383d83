/** What `/proc/PID/status` tells: which signals are caught, whose process it is, its numbers in namespaces. */
import { readLink, readText } from './files.ts';

export interface ProcessStatus {
  /** By whom it runs: the user and group that count when it opens a file. */
  uid: number;
  gid: number;
  /** Who traces it, 0 for nobody. */
  tracer: number;
  /** Its numbers, from hanglab's pid namespace inwards: the last is what `process.pid` says inside. */
  pids: number[];
  /** Whether a handler is installed for the signal with this number. */
  catches(signal: number): boolean;
}

/** `null` when the process has gone. */
export function readStatus(pid: number): ProcessStatus | null {
  const text = readText(`/proc/${pid}/status`);
  if (text === null) return null;
  const field = (name: string): string[] =>
    new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(text)?.[1]?.split(/\s+/).filter(Boolean) ?? [];
  const caught = BigInt(`0x${field('SigCgt')[0] ?? '0'}`);
  return {
    // Real, effective, saved, and that for files.
    uid: Number(field('Uid')[3] ?? -1),
    gid: Number(field('Gid')[3] ?? -1),
    tracer: Number(field('TracerPid')[0] ?? 0),
    pids: field('NSpid').map(Number),
    catches: (signal) => (caught & (1n << BigInt(signal - 1))) !== 0n,
  };
}

/**
 * Whether a process and hanglab are in one namespace: `net` for its addresses, `mnt` for its paths,
 * `user` for the numbers of users.
 * False when it has gone.
 */
export function sharesNamespace(pid: number, kind: 'net' | 'mnt' | 'pid' | 'user'): boolean {
  const link = readLink(`/proc/${pid}/ns/${kind}`);
  return link !== null && link === readLink(`/proc/self/ns/${kind}`);
}
