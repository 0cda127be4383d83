/**
 * What a server or one of its variants needs before its first start: an installation, a checkout. Its command
 * runs once, in an empty folder of its own below the cache; from then on the folder is used as it is.
 */
import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { formatMs } from '../../platform/duration.ts';
import { EXIT, HanglabError } from '../../platform/errors.ts';
import { fill } from '../config/template.ts';
import type { SetupContext } from '../target.ts';
import { exclusive } from './exclusive.ts';
import { openLog } from './log.ts';
import { killAll, MARK_VARIABLE } from './process-group.ts';

export interface SetupSpec {
  /** Its words; `${config}` is the folder of the config, `${setup}` the folder that it fills. */
  readonly command: readonly string[];
  /** The folder of the config. */
  readonly configFolder: string;
}

/** A slow network, and a package that is built here. */
const LIMIT_MS = 10 * 60_000;

/** Where the folders of all setups are. */
export function setupsFolder(): string {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(cache, 'hanglab', 'setups');
}

/**
 * The folder that the setup has filled, now or at an earlier time. Only a command that ended with exit code 0
 * has: what a failed or interrupted one left is removed before the next attempt.
 * @throws HanglabError `setup-failed` with its last lines; when `signal` aborts.
 */
export async function preparedFolder(spec: SetupSpec, context: SetupContext): Promise<string> {
  const root = setupsFolder();
  mkdirSync(root, { recursive: true, mode: 0o700 });
  const base = join(root, keyOf(spec));
  const folder = `${base}.folder`;
  const done = `${base}.done`;
  if (existsSync(done) && existsSync(folder)) return folder;
  using _lock = await exclusive(`${base}.lock`, context.signal);
  // Whoever held the lock until now may have done it.
  if (existsSync(done) && existsSync(folder)) return folder;
  rmSync(done, { force: true });
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { mode: 0o700 });
  await runSetup(spec, folder, `${base}.log`, context);
  writeFileSync(done, `${JSON.stringify({ command: spec.command, at: new Date() })}\n`);
  return folder;
}

/** The same command, for the same config, on the same kind of machine and Node. */
function keyOf({ command, configFolder }: SetupSpec): string {
  const parts = [command, configFolder, process.platform, process.arch, process.versions.modules];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 20);
}

async function runSetup(
  { command, configFolder }: SetupSpec,
  folder: string,
  logFile: string,
  { signal, watchGroup, forgetGroup }: SetupContext,
): Promise<void> {
  signal.throwIfAborted();
  const values = { setup: folder, config: configFolder };
  const [file = '', ...args] = command.map((word) => fill(word, values));
  const mark = randomUUID();
  const child = spawn(file, args, {
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, [MARK_VARIABLE]: mark },
  });
  const log = openLog(logFile);
  log.follow(child.stdout);
  log.follow(child.stderr);
  const pid = child.pid ?? 0;
  if (pid > 0) watchGroup(pid, mark);
  const over = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]);
  const end = (): void => {
    if (pid > 0) killAll(pid, mark);
  };
  over.addEventListener('abort', end);
  const how = await new Promise<string | null>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, endedBy) => {
      resolve(code === 0 ? null : endedBy ? `signal ${endedBy}` : `exit code ${code}`);
    });
  });
  over.removeEventListener('abort', end);
  if (pid > 0) forgetGroup(pid);
  await log.close();
  signal.throwIfAborted();
  if (how === null) return;
  const why = over.aborted ? `it took longer than ${formatMs(LIMIT_MS)}` : how;
  const lines = log.lastLines();
  throw new HanglabError(
    'setup-failed',
    `the setup \`${command.join(' ')}\` failed (${why}); its last lines:`,
    { exitCode: EXIT.cannotRunHere, problems: lines.length > 0 ? lines : ['(it printed nothing)'] },
  );
}
