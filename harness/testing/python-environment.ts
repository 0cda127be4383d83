/**
 * A Python environment for tests, which uv makes once and keeps below the cache. Without uv, or without a network
 * to install from, the tests that need it are skipped and say why.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '../platform/errors.ts';
import { hash32 } from '../platform/random.ts';

const run = promisify(execFile);
const INSTALL_MS = 240_000;

export type PythonEnvironment = { python: string; missing: null } | { missing: string };

/** @param packages with exact versions: `fastapi==0.165.0`. */
export async function pythonEnvironment(packages: readonly string[]): Promise<PythonEnvironment> {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'hanglab');
  const folder = join(cache, `python-${hash32(packages.join(' ')).toString(16)}`);
  const python = join(folder, 'bin', 'python');
  if (existsSync(python)) return { python, missing: null };
  let made: string | null = null;
  try {
    await mkdir(cache, { recursive: true });
    made = await mkdtemp(join(cache, 'python-new-'));
    const options = { timeout: INSTALL_MS, killSignal: 'SIGKILL' as const };
    await run('uv', ['venv', '--quiet', '--relocatable', '--clear', made], options);
    const at = join(made, 'bin', 'python');
    await run(
      'uv',
      ['pip', 'install', '--quiet', '--compile-bytecode', '--python', at, ...packages],
      options,
    );
    // Only a whole one gets the name; another test may have made it meanwhile.
    await rename(made, folder).catch(() => {});
    return existsSync(python) ? { python, missing: null } : { missing: 'it could not be kept' };
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    const why = (stderr || messageOf(error)).trim().split('\n').at(-1);
    return { missing: `no Python environment can be made: ${why}` };
  } finally {
    if (made) await rm(made, { recursive: true, force: true });
  }
}
