/**
 * The reaper's own process: reads what to watch from standard input, and at its end kills and removes
 * what has not been forgotten. Plain Node only, so that it starts fast and cannot fail on a dependency.
 */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { killAll, send } from '../target/started/process-group.ts';
import type { ReaperMessage } from './reaper.ts';

const groups = new Map<number, string | null>();
const containers = new Set<string>();
const folders = new Set<string>();

// Ctrl-C reaches the whole terminal session; the reaper must outlive hanglab's own handling of it.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
process.on('SIGHUP', () => {});

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const message = JSON.parse(line) as ReaperMessage;
    if ('watch' in message) {
      if (message.watch === 'group') groups.set(message.id, message.mark);
      else setOf(message.watch).add(message.id);
    } else if (message.forget === 'group') groups.delete(message.id);
    else setOf(message.forget).delete(message.id);
  })
  .on('close', () => {
    for (const [pid, mark] of groups) {
      if (mark === null) send(-pid, 'SIGKILL');
      else killAll(pid, mark);
    }
    if (containers.size > 0) {
      spawnSync('docker', ['rm', '--force', ...containers], { stdio: 'ignore' });
    }
    for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

function setOf(kind: 'container' | 'folder'): Set<string> {
  return kind === 'container' ? containers : folders;
}
