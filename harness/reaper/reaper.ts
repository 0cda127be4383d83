/**
 * Nothing left behind, not even by `kill -9`.
 *
 * One small detached process a run (`reaper-process`) holds a pipe to hanglab's own process. When that
 * pipe ends, for whatever reason, it kills the run's process groups and removes its temporary folders.
 * What is ended in good order is told to it first and then left alone.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { moduleUrl } from '../platform/module-url.ts';

export interface Reaper extends AsyncDisposable {
  readonly pid: number;
  /** To be killed with its whole process group should hanglab end first. */
  watchGroup(pid: number): void;
  /** `pid` has ended by itself or by us. */
  forgetGroup(pid: number): void;
  watchContainer(id: string): void;
  forgetContainer(id: string): void;
  /** A folder under the system's temporary folder that is removed with the run. */
  temporaryFolder(purpose: string): string;
}

export type ReaperMessage =
  | { watch: 'group'; id: number }
  | { forget: 'group'; id: number }
  | { watch: 'container' | 'folder'; id: string }
  | { forget: 'container' | 'folder'; id: string };

export function startReaper(): Reaper {
  const script = fileURLToPath(moduleUrl('./reaper-process', import.meta.url));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { PATH: process.env.PATH ?? '' },
  });
  child.unref();
  const pipe = child.stdin;
  // The reaper outlives its usefulness only when we are ending anyway.
  pipe.on('error', () => {});
  (pipe as unknown as { unref(): void }).unref();
  const tell = (message: ReaperMessage): void => {
    if (!pipe.destroyed) pipe.write(`${JSON.stringify(message)}\n`);
  };
  const folders = new Set<string>();
  return {
    pid: child.pid ?? 0,
    watchGroup: (pid) => tell({ watch: 'group', id: pid }),
    forgetGroup: (pid) => tell({ forget: 'group', id: pid }),
    watchContainer: (id) => tell({ watch: 'container', id }),
    forgetContainer: (id) => tell({ forget: 'container', id }),
    temporaryFolder(purpose) {
      const folder = mkdtempSync(join(tmpdir(), `hanglab-${purpose}-`));
      folders.add(folder);
      tell({ watch: 'folder', id: folder });
      return folder;
    },
    async [Symbol.asyncDispose]() {
      for (const folder of folders) {
        await rm(folder, { recursive: true, force: true, maxRetries: 3 });
        tell({ forget: 'folder', id: folder });
      }
      const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      child.ref();
      pipe.end();
      await ended;
    },
  };
}
