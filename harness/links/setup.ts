/** Installs the real Toxiproxy into hanglab's cache, from source, by Go. */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EXIT, HanglabError, messageOf } from '../platform/errors.ts';
import { cachedBinaryPath, TOXIPROXY_VERSION } from './binary-path.ts';

const MODULE = 'github.com/Shopify/toxiproxy/v2';

/**
 * Installs toxiproxy-server, and returns its path. `print` gets a line for each step.
 * @throws HanglabError `no-go` when there is no Go, `toxiproxy-not-installed` when it fails.
 */
export async function installToxiproxy(
  options: { print?: (line: string) => void; signal?: AbortSignal } = {},
): Promise<string> {
  const { print = () => {}, signal } = options;
  const path = cachedBinaryPath();
  const cache = dirname(path);
  await mkdir(cache, { recursive: true }).catch((error: unknown): never => {
    throw failed(`cannot write to ${cache}: ${messageOf(error)}`);
  });
  const folder = await mkdtemp(join(cache, 'install-'));
  try {
    const args = [
      'install',
      // As it comes, it calls itself "git".
      '-ldflags',
      `-X ${MODULE}.Version=${TOXIPROXY_VERSION}`,
      `${MODULE}/cmd/server@v${TOXIPROXY_VERSION}`,
    ];
    print(`go ${args.map((arg) => (arg.includes(' ') ? `'${arg}'` : arg)).join(' ')}`);
    await runGo(args, folder, signal);
    // The package is called cmd/server, and so is what comes out.
    await rename(join(folder, 'server'), path);
    print(`installed ${path}`);
    return path;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runGo(args: string[], folder: string, signal?: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const child = spawn('go', args, {
    // Without cgo it also runs in an image made from scratch.
    env: { ...process.env, GOBIN: folder, CGO_ENABLED: '0' },
    stdio: ['ignore', 'ignore', 'pipe'],
    ...(signal ? { signal } : {}),
  });
  let said = '';
  child.stderr.on('data', (part: Buffer) => {
    said = `${said}${part}`.slice(-2000);
  });
  child.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') return reject(error);
    reject(
      new HanglabError(
        'no-go',
        'there is no go on the PATH. Install Go 1.22 or newer, or put a toxiproxy-server ' +
          `${TOXIPROXY_VERSION} on the PATH`,
        { exitCode: EXIT.cannotRunHere },
      ),
    );
  });
  child.on('close', (code) => {
    if (code === 0) return resolve();
    reject(failed(`go install ended with ${code}: ${said.trim() || 'it said nothing'}`));
  });
  return promise;
}

const failed = (why: string): HanglabError =>
  new HanglabError('toxiproxy-not-installed', `Toxiproxy was not installed: ${why}`, {
    exitCode: EXIT.cannotRunHere,
  });
