/**
 * Nothing left behind, not even by `kill -9`.
 *
 * One small detached process a run (`reaper-process`) holds a pipe to hanglab's own process. When that
 * pipe ends, for whatever reason, it kills the run's process groups and removes its temporary folders.
 * What is ended in good order is told to it first and then left alone. A reaper that is killed itself is
 * replaced by another one, with the same list.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { moduleUrl } from '../platform/module-url.ts';

export interface Reaper extends AsyncDisposable {
  readonly pid: number;
  /**
   * To be killed with its whole process group should hanglab end first.
   * @param mark of the environment of processes that may have left the group.
   */
  watchGroup(pid: number, mark?: string): void;
  /** `pid` has ended by itself or by us. */
  forgetGroup(pid: number): void;
  watchContainer(id: string): void;
  forgetContainer(id: string): void;
  /** A folder under the system's temporary folder that is removed with the run. */
  temporaryFolder(purpose: string): string;
}

export type ReaperMessage =
  | { watch: 'group'; id: number; mark: string | null }
  | { forget: 'group'; id: number }
  | { watch: 'container' | 'folder'; id: string }
  | { forget: 'container' | 'folder'; id: string };

/** Something on this machine kills it again and again: it is given up then. */
const MOST_REPLACEMENTS = 3;
/** It has only to kill and to remove; a file system that hangs must not hang us. */
const LAST_WORK_MS = 10_000;

export function startReaper(): Reaper {
  const watched = new Map<string, ReaperMessage>();
  const folders = new Set<string>();
  let isOver = false;
  let replacements = 0;
  let child = start();

  function start(): ChildProcess {
    const started = spawnReaper();
    for (const message of watched.values()) write(started, message);
    started.once('exit', () => {
      if (isOver || replacements >= MOST_REPLACEMENTS) return;
      replacements++;
      child = start();
    });
    return started;
  }

  const tell = (message: ReaperMessage): void => {
    const key = `${'watch' in message ? message.watch : message.forget} ${message.id}`;
    if ('watch' in message) watched.set(key, message);
    else watched.delete(key);
    write(child, message);
  };
  return {
    get pid() {
      return child.pid ?? 0;
    },
    watchGroup: (pid, mark) => tell({ watch: 'group', id: pid, mark: mark ?? null }),
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
      isOver = true;
      await ended(child);
    },
  };
}

function spawnReaper(): ChildProcess {
  const script = fileURLToPath(moduleUrl('./reaper-process', import.meta.url));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: ownEnvironment(),
  });
  // A machine that cannot start one more process has other troubles, and says so elsewhere.
  child.on('error', () => {});
  child.unref();
  const pipe = child.stdin as Writable & { unref?(): void };
  pipe.on('error', () => {});
  // It holds nobody up: that we end is what it waits for.
  pipe.unref?.();
  return child;
}

/** Where programs are, and which container engine is meant. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const wanted = /^(PATH|HOME|DOCKER_\w+)$/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => wanted.test(name)));
}

function write({ stdin }: ChildProcess, message: ReaperMessage): void {
  if (stdin && !stdin.destroyed) stdin.write(`${JSON.stringify(message)}\n`);
}

/** Resolves when it has ended: now, if that was before, and in any case after a while. */
async function ended(child: ChildProcess): Promise<void> {
  const isRunning = child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  if (!isRunning) return;
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.ref();
  child.stdin?.end();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, LAST_WORK_MS);
  });
  await Promise.race([exited, late]);
  clearTimeout(timer);
  child.unref();
}
