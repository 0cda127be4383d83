/** Starts the bundled reference target in its own process group and waits until it accepts requests. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import type { Limits } from '../history/history.ts';
import { EXIT, HanglabError } from '../platform/errors.ts';
import { moduleUrl } from '../platform/module-url.ts';
import { CAPABILITIES, type TargetHandle, type TargetOptions } from './adapter.ts';
import { direct } from './direct.ts';

const START_TIMEOUT_MS = 20_000;
const KEPT_LINES = 40;
// Nothing listens until SIGUSR1 asks for it, and then on a port of its own.
const NODE_OPTIONS = ['--inspect-port=0', '--disable-warning=ExperimentalWarning'];

interface Listening {
  event: 'listening';
  url: string;
  pid: number;
  limits: Limits;
}

/**
 * @throws HanglabError `target-died-at-start` with its last log lines, when it ends or does not listen
 * within 20 s.
 */
export async function startReferenceTarget(options: TargetOptions): Promise<TargetHandle> {
  const script = fileURLToPath(moduleUrl('../../target/main', import.meta.url));
  // Killed in mid-write, LanceDB leaves temporary folders of its own: they go with the data.
  const temporary = join(options.dataFolder, 'tmp');
  mkdirSync(temporary, { recursive: true });
  const { launcher = direct } = options;
  const nodeOptions = [...NODE_OPTIONS, ...(options.nodeOptions ?? [])];
  const program = { nodeOptions, script, args: flagsOf(options) };
  const { command, environment, cwd } = launcher.launch(program);
  const [file, ...args] = withFdLimit(command, options.fdLimit);
  const child = spawn(file as string, args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      NODE_OPTIONS: nodeOptions.join(' '),
      TMPDIR: temporary,
      ...environment,
    },
    ...(cwd === undefined ? {} : { cwd }),
  });
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, signal) => {
      if (child.pid) options.forgetGroup(child.pid);
      resolve({ code, signal });
    });
    child.once('error', () => resolve({ code: null, signal: null }));
  });
  if (child.pid) options.watchGroup(child.pid);
  const log = keepLog(child, options.logFile);
  const listening = await Promise.race([
    log.listening,
    exited.then(() => null),
    new Promise<null>((resolve) => setTimeout(resolve, START_TIMEOUT_MS, null).unref()),
  ]);
  if (!listening) {
    const { code, signal } = await kill(child, exited);
    await log.flush();
    throw new HanglabError(
      'target-died-at-start',
      `the target did not come up (exit code ${code}, signal ${signal}); its last lines:`,
      { exitCode: EXIT.cannotRunHere, problems: log.lastLines() },
    );
  }
  const { hostname, port } = new URL(listening.url);
  const killed = async (): Promise<void> => {
    await kill(child, exited);
    await log.flush();
  };
  return {
    name: 'reference',
    pid: listening.pid,
    host: hostname,
    port: Number(port),
    limits: listening.limits,
    capabilities: new Set(CAPABILITIES),
    urls: {
      health: `${listening.url}/health`,
      ready: `${listening.url}/ready`,
      progress: `${listening.url}/api/v1/knowledge/documents?limit=1`,
    },
    exited,
    lastLines: log.lastLines,
    kill: killed,
    async [Symbol.asyncDispose]() {
      await launcher.beforeEnd({ pid: listening.pid, exited });
      await killed();
    },
  };
}

function flagsOf(options: TargetOptions): string[] {
  return [
    ['--port', String(options.port)],
    ['--data', options.dataFolder],
    ['--model-url', options.modelUrl],
    ['--embeddings-url', options.embeddingsUrl],
    ...(options.defect ? [['--defect', options.defect]] : []),
    ...Object.entries(options.settings ?? {}).map(([name, value]) => [flagOf(name), String(value)]),
  ].flat();
}

function withFdLimit(command: string[], fdLimit: number | undefined): string[] {
  if (fdLimit === undefined) return command;
  // Node raises its soft limit to the hard one at start, so both are set, and only a shell can.
  return ['/bin/sh', '-c', `ulimit -n ${fdLimit} && exec "$@"`, 'sh', ...command];
}

/** `queueRows` -> `--queue-rows`, as the target spells its flags. */
function flagOf(setting: string): string {
  return `--${setting.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function keepLog(child: ChildProcess, logFile: string) {
  const file = createWriteStream(logFile, { flags: 'a' });
  file.on('error', () => {});
  const lines: string[] = [];
  let onListening: (listening: Listening) => void = () => {};
  const listening = new Promise<Listening>((resolve) => {
    onListening = resolve;
  });
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    createInterface({ input: stream }).on('line', (line) => {
      file.write(`${line}\n`);
      lines.push(line);
      if (lines.length > KEPT_LINES) lines.shift();
      if (line.includes('"event":"listening"')) onListening(JSON.parse(line) as Listening);
    });
  }
  return {
    listening,
    lastLines: () => [...lines],
    async flush() {
      file.end();
      await finished(file).catch(() => {});
    },
  };
}

/** Kills the whole process group. */
async function kill(
  child: ChildProcess,
  exited: TargetHandle['exited'],
): ReturnType<() => TargetHandle['exited']> {
  try {
    if (child.pid) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // the group is gone
  }
  return exited;
}
