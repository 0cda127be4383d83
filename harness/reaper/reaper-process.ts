/**
 * The reaper's own process: reads what to watch from standard input, and at its end kills and removes
 * what has not been forgotten. Plain Node only, so that it starts fast and cannot fail on a dependency.
 */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { ReaperMessage } from './reaper.ts';

const watched = {
  group: new Set<number>(),
  container: new Set<string>(),
  folder: new Set<string>(),
};

// Ctrl-C reaches the whole terminal session; the reaper must outlive hanglab's own handling of it.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
process.on('SIGHUP', () => {});

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const message = JSON.parse(line) as ReaperMessage;
    if ('watch' in message) (watched[message.watch] as Set<unknown>).add(message.id);
    else (watched[message.forget] as Set<unknown>).delete(message.id);
  })
  .on('close', () => {
    for (const pid of watched.group) {
      try {
        process.kill(-pid, 'SIGKILL');
      } catch {
        // gone already
      }
    }
    if (watched.container.size > 0) {
      spawnSync('docker', ['rm', '--force', ...watched.container], { stdio: 'ignore' });
    }
    for (const folder of watched.folder)
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
