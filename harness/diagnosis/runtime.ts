/** Which runtime a process is, by its executable: each has its own witnesses. */
import { closeSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { readLink, readText } from '../platform/procfs/files.ts';

export type Runtime = 'node' | 'python' | 'go' | 'jvm' | 'other';

/** Every Go program carries this before its build information. */
const GO_MARK = Buffer.from('\xff Go buildinf:', 'latin1');
const CHUNK_BYTES = 1 << 20;
const MAX_SEARCHED_BYTES = 256 << 20;

/** The program that a process runs, also when its file is gone from its folder; null when the process has gone. */
export function executableOf(pid: number): string | null {
  return readLink(`/proc/${pid}/exe`)?.replace(/ \(deleted\)$/, '') ?? null;
}

export function isNode(executable: string): boolean {
  return /^node(js)?[\d.-]*$/.test(basename(executable));
}

export function runtimeOf(pid: number): Runtime {
  const executable = executableOf(pid) ?? '';
  const name = basename(executable);
  if (isNode(executable)) return 'node';
  if (/^python[\d.]*$/.test(name)) return 'python';
  if (name === 'java') return 'jvm';
  if ((readText(`/proc/${pid}/maps`) ?? '').includes('libpython')) return 'python';
  return isGo(`/proc/${pid}/exe`) ? 'go' : 'other';
}

function isGo(path: string): boolean {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return false;
  }
  try {
    const buffer = Buffer.alloc(CHUNK_BYTES + GO_MARK.length);
    for (let at = 0; at < MAX_SEARCHED_BYTES; at += CHUNK_BYTES) {
      const length = readSync(file, buffer, 0, buffer.length, at);
      if (buffer.subarray(0, length).includes(GO_MARK)) return true;
      if (length < buffer.length) return false;
    }
    return false;
  } finally {
    closeSync(file);
  }
}
