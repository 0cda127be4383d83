/** A real toxiproxy-server as a child process, leader of a process group of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { EXIT, HanglabError, messageOf } from '../../platform/errors.ts';
import { freePort } from '../../platform/free-port.ts';
import { BINARY_VARIABLE, findBinary } from '../binary-path.ts';
import type { ProvidedServer, ProviderOptions } from '../provider.ts';
import { waitUntilUp } from '../wait-until-up.ts';

/** It is up in 20 ms on a quiet machine. */
const START_TIMEOUT_MS = 10_000;
const STOP_TIMEOUT_MS = 2_000;
/** Another process may take the port between our choice and its start. */
const ATTEMPTS = 3;
const KEPT_LOG_BYTES = 2_000;

export async function startBinary({ onTrouble }: ProviderOptions): Promise<ProvidedServer> {
  const path = await findBinary();
  if (path === undefined) {
    const named = process.env[BINARY_VARIABLE];
    throw new HanglabError(
      'no-toxiproxy-binary',
      named
        ? `${BINARY_VARIABLE} is "${named}", which is not an executable file`
        : 'there is no toxiproxy-server on the PATH, and none in the cache: install it with ' +
            '"hanglab setup", or use the embedded one',
      { exitCode: EXIT.cannotRunHere },
    );
  }
  let said = '';
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const port = await freePort();
    const child = spawn(path, ['-host', '127.0.0.1', '-port', String(port)], {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      // It would write a line for each connection.
      env: { ...process.env, LOG_LEVEL: process.env.LOG_LEVEL ?? 'warn' },
    });
    said = '';
    const keep = (part: Buffer): void => {
      said = `${said}${part}`.slice(-KEPT_LOG_BYTES);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const exited = once(child, 'exit').catch((error: unknown) => {
      said = messageOf(error);
    });
    if (!(await waitUntilUp(port, START_TIMEOUT_MS, exited))) {
      await stop(child);
      continue;
    }
    let stopping = false;
    child.on('exit', (code, signal) => {
      if (stopping) return;
      const last = said.trim().split('\n').at(-1) || 'it said nothing';
      onTrouble(`toxiproxy-server (pid ${child.pid}) ended with ${signal ?? code}: ${last}`);
    });
    return {
      url: `http://127.0.0.1:${port}`,
      ...(child.pid === undefined ? {} : { pid: child.pid }),
      async [Symbol.asyncDispose]() {
        stopping = true;
        await stop(child);
      },
    };
  }
  throw new HanglabError(
    'toxiproxy-not-started',
    `${path} did not start within ${START_TIMEOUT_MS} ms: ${said.trim() || 'it said nothing'}`,
    { exitCode: EXIT.cannotRunHere },
  );
}

async function stop(child: ChildProcess): Promise<void> {
  const { pid } = child;
  if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  // On SIGTERM it waits for open calls of its API, up to 30 s.
  const late = setTimeout(() => signalGroup(pid, 'SIGKILL'), STOP_TIMEOUT_MS);
  signalGroup(pid, 'SIGTERM');
  await exited;
  clearTimeout(late);
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
