/**
 * Clients in Python, in an environment that uv makes once and keeps below hanglab's cache. Without uv, or
 * without a network to install them from, their tests are skipped and say why.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { hash32 } from '../../platform/random.ts';
import { createModelServer } from '../server/server.ts';
import { originOf } from './model.test-helper.ts';

const PACKAGES = [
  'openai==2.54.0',
  'anthropic==2.14.0',
  'langchain-openai==1.7.4',
  'llama-index-llms-openai==0.8.3',
  'llama-index-embeddings-openai==0.7.0',
  'litellm==1.110.2',
];
/** What a client may be able to do; the same names as in checks.py. */
const CAPABILITIES = [
  'chat',
  'stream',
  'tools',
  'structured',
  'embeddings',
  'retry_after',
  'silence',
];

/** A hundred megabytes, on a slow network. */
const INSTALL_MS = 240_000;
/** They take seconds to import, on a busy machine more. */
const RUN_MS = 120_000;

const run = promisify(execFile);

type Environment = { python: string } | { missing: string };

/** The results by capability; null for one that passed. */
type Results = Map<string, string | null>;

/** Tests `file`, a client of this folder's `python`, against a model of its own. */
export function testPythonClient(file: string): void {
  let results: Results = new Map();
  let missing: string | null = null;
  beforeAll(async () => {
    const environment = await pythonEnvironment();
    if ('missing' in environment) missing = environment.missing;
    else results = await resultsOf(environment.python, file);
  }, INSTALL_MS + RUN_MS);

  test.for(CAPABILITIES)('%s', (capability, { skip }) => {
    if (missing !== null) skip(missing);
    if (!results.has(capability)) skip('this client has none');
    expect(results.get(capability)).toBeNull();
  });

  test('it can do most of these', ({ skip }) => {
    if (missing !== null) skip(missing);
    expect(results.size).toBeGreaterThan(CAPABILITIES.length - 2);
  });
}

async function resultsOf(python: string, file: string): Promise<Results> {
  await using model = await createModelServer({
    seed: 1,
    pace: { ttftMs: 0, tokensPerSecond: 100_000 },
  });
  const path = fileURLToPath(new URL(`./python/${file}`, import.meta.url));
  const { stdout, stderr } = await run(python, ['-B', path], {
    timeout: RUN_MS,
    killSignal: 'SIGKILL',
    env: {
      PATH: process.env.PATH ?? '',
      HOME: process.env.HOME ?? '',
      HANGLAB_MODEL: originOf(model),
      // Nothing of it is for anyone else to know.
      DO_NOT_TRACK: '1',
    },
  }).catch((error) => ({ stdout: String(error.stdout), stderr: `${error}\n${error.stderr}` }));
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
  if (lines.length === 0) throw new Error(`${file} has said nothing: ${stderr.slice(-2000)}`);
  return new Map(
    lines.map((line) => {
      const { name, error } = JSON.parse(line) as { name: string; error: string | null };
      return [name, error];
    }),
  );
}

async function pythonEnvironment(): Promise<Environment> {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'hanglab');
  const folder = join(cache, `python-clients-${hash32(PACKAGES.join()).toString(16)}`);
  const python = (at: string): string => join(at, 'bin', 'python');
  if (existsSync(python(folder))) return { python: python(folder) };
  await mkdir(cache, { recursive: true });
  // Made aside and moved into place: two files that want it at once do not meet half of it.
  const made = await mkdtemp(join(cache, 'python-clients-'));
  try {
    await run('uv', ['venv', '--quiet', '--relocatable', '--allow-existing', made]);
    const install = ['pip', 'install', '--quiet', '--compile-bytecode', '--python', python(made)];
    await run('uv', [...install, ...PACKAGES], { timeout: INSTALL_MS, killSignal: 'SIGKILL' });
    await rename(made, folder).catch((error) => {
      if (!existsSync(python(folder))) throw error;
    });
    return { python: python(folder) };
  } catch (error) {
    const { code, stderr, message } = error as { code?: unknown; stderr?: string; message: string };
    if (code === 'ENOENT') return { missing: 'there is no uv to install Python clients with' };
    const why = (stderr || message).trim().split('\n').at(-1) ?? '';
    return { missing: `the Python clients cannot be installed: ${why}` };
  } finally {
    await rm(made, { recursive: true, force: true });
  }
}
