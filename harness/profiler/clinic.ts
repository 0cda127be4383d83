/** NodeClinic, `clinic`: where it is, and how it has to be run so that it stays quiet and tidy. */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { EXIT, HanglabError } from '../platform/errors.ts';
import type { Reaper } from '../reaper/reaper.ts';

const KEPT_CHARS = 2000;
const STACK_LINES = /^\s+at .*\n?/gm;

/** @throws HanglabError `no-clinic`. @param from the module whose packages are searched. */
export function clinicScript(from: string = import.meta.url): string {
  try {
    return createRequire(from).resolve('clinic/bin.js');
  } catch {
    throw new HanglabError(
      'no-clinic',
      'NodeClinic is not installed: expected the package clinic, 13 or newer, beside hanglab. ' +
        'Install it with `npm install --save-dev clinic@13` and try again',
      { exitCode: EXIT.cannotRunHere },
    );
  }
}

/** @param folder where it may leave what it keeps about its user. */
export function clinicEnvironment(folder: string): Record<string, string> {
  return {
    // Else it asks whether it may send statistics; without a terminal to ask at, it ends, saying nothing.
    NO_INSIGHT: '1',
    // Else it looks for newer versions of itself, in a process that outlives it.
    NO_UPDATE_NOTIFIER: '1',
    XDG_CONFIG_HOME: join(folder, 'config'),
  };
}

/** What a run of clinic came to. */
export interface ClinicRun {
  /** null when it was killed. */
  code: number | null;
  /** Without the lines of a stack trace, which lead into clinic. */
  lastWords: string;
}

/** Runs clinic to its end, or until `signal` aborts: then it is killed, with its children. */
export async function runClinic(
  args: readonly string[],
  { folder, reaper, signal }: { folder: string; reaper: Reaper; signal: AbortSignal },
): Promise<ClinicRun> {
  signal.throwIfAborted();
  const child = spawn(process.execPath, [clinicScript(), ...args], {
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...clinicEnvironment(folder) },
  });
  const { pid } = child;
  const { promise, resolve, reject } = Promise.withResolvers<ClinicRun>();
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (part: Buffer) => {
      said = `${said}${part}`.slice(-KEPT_CHARS);
    });
  }
  child.once('error', reject);
  child.once('close', (code) => resolve({ code, lastWords: said.replace(STACK_LINES, '').trim() }));
  const kill = (): void => killGroup(pid);
  signal.addEventListener('abort', kill);
  if (pid) reaper.watchGroup(pid);
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', kill);
    if (pid) reaper.forgetGroup(pid);
  }
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid) process.kill(-pid, 'SIGKILL');
  } catch {
    // gone already
  }
}
