/** Starts a target under clinic, and ends it so that clinic has what it saw. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatMs } from '../platform/duration.ts';
import { moduleUrl } from '../platform/module-url.ts';
import { readStat } from '../platform/procfs/process.ts';
import type { Launcher, StoppingTarget } from '../target/launcher.ts';
import { clinicEnvironment, clinicScript } from './clinic.ts';
import type { Tool } from './tools.ts';

/**
 * A healthy target ends within its grace of 2 s, and writes what clinic has in its memory; one whose event
 * loop is blocked does not end at all.
 */
const END_LIMIT_MS = 20_000;
/** Flame's sorting of its log took 2 s for each second that the processor was busy. */
const COLLECT_LIMIT_MS = 180_000;
/**
 * How long a server that has ended its own work waits until clinic has written. Bubbleprof does not say
 * that it has: on Node 24 its stream loses count of its callbacks and never closes. It writes all along,
 * so that little is left by then.
 */
const WRITE_LIMIT_MS = { doctor: 15_000, heapprofiler: 15_000, bubbleprof: 2_000 };
const POLL_MS = 100;
const NAME = 'profile';

export interface ClinicLauncher extends Launcher {
  readonly tool: Tool;
  /** What clinic has collected of the process that was started last; null when that is nothing. */
  collected(): Collected | null;
  /** How many processes it has started: a scenario may kill its target, and start it again. */
  readonly started: number;
}

export interface Collected {
  path: string;
  /** In which it lies. */
  folder: string;
  /** Why it may be less than it should be; empty when it is whole. */
  flaw: string;
}

export interface ClinicLauncherOptions {
  tool: Tool;
  /** Everything of clinic's lies in here. */
  folder: string;
  signal: AbortSignal;
  /** Told while the target ends, which takes its time; disposed when that is over. */
  onEnding(): Disposable;
}

/** @throws HanglabError `no-clinic`. */
export function clinicLauncher(options: ClinicLauncherOptions): ClinicLauncher {
  const { tool, signal } = options;
  const clinic = clinicScript();
  let started = 0;
  let flaw = '';
  const folderOf = (start: number): string => join(options.folder, `start-${start}`);
  return {
    tool,
    wrap(command, nodeOptions) {
      // Node and clinic write their logs to the working directory, and clinic takes all that are there.
      const cwd = folderOf(++started);
      mkdirSync(cwd, { recursive: true });
      const collect = [tool, '--collect-only', '--dest', cwd, '--name', NAME];
      return {
        command: [
          process.execPath,
          clinic,
          ...collect,
          '--',
          ...nodeCommand(tool, command, nodeOptions),
        ],
        environment: clinicEnvironment(cwd),
        cwd,
      };
    },
    async beforeStop(target) {
      if (signal.aborted) return;
      using _ending = options.onEnding();
      if (await endInOrder(target, signal)) return;
      flaw = `the target did not end within ${formatMs(END_LIMIT_MS)} of SIGTERM, and was killed`;
    },
    collected() {
      const folder = folderOf(started);
      const path = join(folder, `${NAME}.clinic-${tool}`);
      return existsSync(path) ? { path, folder, flaw } : null;
    },
    get started() {
      return started;
    },
  };
}

/** @param command of a Node program: its executable first. */
function nodeCommand(
  tool: Tool,
  [executable = process.execPath, ...args]: readonly string[],
  nodeOptions: readonly string[],
): string[] {
  // Flame takes the word after `node` for the script, and its data is whole however the server ends.
  if (tool === 'flame') return [executable, ...args];
  const writeBeforeExit = moduleUrl('./write-before-exit', import.meta.url);
  writeBeforeExit.searchParams.set('limitMs', String(WRITE_LIMIT_MS[tool]));
  const loaded = [writeBeforeExit];
  if (tool === 'doctor') loaded.push(moduleUrl('./doctor-compat', import.meta.url));
  const imports = loaded.flatMap(({ href }) => ['--import', href]);
  // Heapprofiler replaces NODE_OPTIONS, so they are said here again.
  return [executable, ...nodeOptions, ...imports, ...args];
}

/**
 * Asks the server itself, not clinic: clinic hands on SIGINT with two of its tools only, and sees by
 * itself that its server has ended. One that does not end is killed, from which flame and bubbleprof
 * still make something. Resolves when clinic is done, or will not be: whether the server ended by itself.
 */
async function endInOrder({ pid, exited }: StoppingTarget, signal: AbortSignal): Promise<boolean> {
  send(pid, 'SIGTERM');
  const server = hasEnded(pid, signal);
  const inOrder = await within(END_LIMIT_MS, Promise.race([server, exited]), signal);
  if (!inOrder) send(pid, 'SIGKILL');
  await within(COLLECT_LIMIT_MS, exited, signal);
  return inOrder;
}

async function hasEnded(pid: number, signal: AbortSignal): Promise<void> {
  while (readStat(pid) !== null && !signal.aborted) await sleep(POLL_MS);
}

/** Whether `done` has resolved within the time; false too when `signal` aborts. */
async function within(ms: number, done: Promise<unknown>, signal: AbortSignal): Promise<boolean> {
  const over = Promise.withResolvers<false>();
  const giveUp = (): void => over.resolve(false);
  const timer = setTimeout(giveUp, ms);
  signal.addEventListener('abort', giveUp);
  if (signal.aborted) giveUp();
  try {
    return await Promise.race([done.then(() => true), over.promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // gone already
  }
}
