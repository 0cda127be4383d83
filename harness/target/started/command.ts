/** A target that hanglab starts itself, by a command, in a process group of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pythonAgentEnvironment } from '../../diagnosis/runtimes/python/agent.ts';
import { formatMs } from '../../platform/duration.ts';
import { EXIT, HanglabError } from '../../platform/errors.ts';
import { freePort } from '../../platform/free-port.ts';
import { readLink } from '../../platform/procfs/files.ts';
import { readChildren } from '../../platform/procfs/process.ts';
import { fill, type Values } from '../config/template.ts';
import { direct } from '../launcher.ts';
import { processTree } from '../process-tree.ts';
import type { RunningTarget, TargetContext, TargetExit } from '../target.ts';
import { openLog, type TargetLog } from './log.ts';
import { killAll, MARK_VARIABLE, send } from './process-group.ts';
import { type Ready, whenReady } from './ready.ts';

/** How a server is started, as its config says it. Texts may have placeholders. */
export interface CommandSpec {
  readonly command: readonly string[];
  readonly cwd: string;
  /** null takes a variable away. */
  readonly env: Readonly<Record<string, string | null>>;
  /** Which of hanglab's own variables it gets: all, or those with these names (`TARGET_*` is a prefix). */
  readonly inheritEnv: true | readonly string[];
  readonly ready: Ready;
  readonly readyMs: number;
  readonly stopSignal: NodeJS.Signals;
  /** After the signal and before SIGKILL, when a run is over. */
  readonly graceMs: number;
}

// Nothing listens until SIGUSR1 asks for it, and then on a port of its own.
const NODE_OPTIONS = ['--inspect-port=0', '--disable-warning=ExperimentalWarning'];

/**
 * Starts it and resolves when it is ready.
 * @throws HanglabError `no-such-command`, `target-died-at-start`, `target-not-ready`, with its last lines.
 */
export async function startCommand(
  spec: CommandSpec,
  context: TargetContext,
): Promise<RunningTarget> {
  context.signal.throwIfAborted();
  const port = context.port === 0 ? await freePort() : context.port;
  return start(spec, { ...context, port });
}

async function start(spec: CommandSpec, context: TargetContext): Promise<RunningTarget> {
  const temporary = join(context.folder, 'tmp');
  mkdirSync(temporary, { recursive: true });
  const agentFolder = join(context.folder, 'agent');
  mkdirSync(agentFolder, { recursive: true, mode: 0o700 });
  const { launcher = direct } = context;
  const values = valuesFor(context);
  const nodeOptions = [...NODE_OPTIONS, ...(context.nodeOptions ?? [])];
  const wanted = [...spec.command, ...(context.overrides?.args ?? [])].map((each) =>
    fill(each, values),
  );
  const { command, environment, cwd } = launcher.wrap(wanted, nodeOptions);
  const mark = randomUUID();
  const [file = '', ...args] = withFdLimit(command, context.fdLimit);
  const child = spawn(file, args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: cwd ?? spec.cwd,
    env: {
      ...environmentOf(spec, context, values, { temporary, agentFolder, nodeOptions }),
      ...environment,
      [MARK_VARIABLE]: mark,
    },
  });
  const log = openLog(context.logFile);
  if (child.stdout) log.follow(child.stdout);
  if (child.stderr) log.follow(child.stderr);
  const failure = Promise.withResolvers<Error>();
  const exited = new Promise<TargetExit>((resolve) => {
    child.once('exit', (code, signal) => {
      if (child.pid) {
        // What it leaves behind goes now, as long as nobody else can have got its group's number.
        killAll(child.pid, mark);
        context.forgetGroup(child.pid);
      }
      resolve({ code, signal });
    });
    child.once('error', (error) => {
      failure.resolve(error);
      if (child.pid === undefined) resolve({ code: null, signal: null });
    });
  });
  const pid = child.pid;
  if (pid === undefined) {
    await log.close();
    throw noSuchCommand(file, spec, await failure.promise);
  }
  context.watchGroup(pid, mark);
  const processes = processTree(pid);
  const kill = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) killAll(pid, mark);
    await exited;
    await log.close();
  };
  const { host, port } = await untilReady(spec, context, { child, log, exited, kill, processes });
  return {
    host,
    port,
    processes,
    exited,
    lastLines: log.lastLines,
    temporaryFolder: temporary,
    agentFolder,
    control: {
      kill,
      stop() {
        send(serverBehindWrappers(pid), spec.stopSignal);
        return spec.stopSignal;
      },
    },
    async [Symbol.asyncDispose]() {
      await launcher.beforeStop({ pid: serverBehindWrappers(pid), exited });
      if (spec.graceMs > 0 && child.exitCode === null && child.signalCode === null) {
        send(serverBehindWrappers(pid), spec.stopSignal);
        await Promise.race([exited, sleep(spec.graceMs, undefined, { ref: false })]);
      }
      await kill();
    },
  };
}

interface Starting {
  child: ChildProcess;
  log: TargetLog;
  exited: Promise<TargetExit>;
  kill(): Promise<void>;
  processes: RunningTarget['processes'];
}

async function untilReady(
  { ready, readyMs }: CommandSpec,
  context: TargetContext,
  { log, exited, kill, processes }: Starting,
): Promise<{ host: string; port: number }> {
  const over = new AbortController();
  const signal = AbortSignal.any([over.signal, context.signal]);
  const waiting = whenReady({ ready, port: context.port, processes, log, signal });
  waiting.catch(() => {});
  const aborted = new Promise<'aborted'>((resolve) => {
    context.signal.addEventListener('abort', () => resolve('aborted'), { signal: over.signal });
  });
  try {
    const came = await Promise.race([
      waiting,
      exited,
      aborted,
      sleep(readyMs, 'late' as const, { signal: over.signal }),
    ]);
    if (typeof came === 'object' && 'port' in came) return came;
    await kill();
    context.signal.throwIfAborted();
    if (came === 'late') throw notReady(ready, readyMs, context.port, log);
    const { code, signal: endedBy } = await exited;
    const how = endedBy ? `signal ${endedBy}` : `exit code ${code}`;
    throw new HanglabError(
      'target-died-at-start',
      `the target ended before it was ready (${how}); its last lines:`,
      { exitCode: EXIT.cannotRunHere, problems: lastLinesOf(log) },
    );
  } catch (error) {
    await kill();
    throw error;
  } finally {
    over.abort();
  }
}

function notReady(ready: Ready, readyMs: number, port: number, log: TargetLog): HanglabError {
  const awaited = {
    path: () => `GET ${(ready as { path: string }).path} on port ${port} did not answer`,
    line: () => `it did not print a line like ${(ready as { pattern: RegExp }).pattern}`,
    port: () => `it did not listen on port ${port}`,
  }[ready.kind]();
  return new HanglabError(
    'target-not-ready',
    `the target was not ready within ${formatMs(readyMs)}: ${awaited}; its last lines:`,
    { exitCode: EXIT.cannotRunHere, problems: lastLinesOf(log) },
  );
}

function lastLinesOf(log: TargetLog): string[] {
  const lines = log.lastLines();
  return lines.length > 0 ? lines : ['(it printed nothing)'];
}

function noSuchCommand(file: string, { cwd }: CommandSpec, error: Error): HanglabError {
  const { code } = error as NodeJS.ErrnoException;
  const why =
    code === 'ENOENT'
      ? `there is no command "${file}" (or no folder ${cwd} to run it in)`
      : error.message;
  return new HanglabError('no-such-command', `the target cannot be started: ${why}`, {
    cause: error,
  });
}

/** What `${…}` stands for in the command and the environment. */
function valuesFor({ port, folder, upstreams }: TargetContext): Values {
  const links = Object.entries(upstreams).flatMap(([name, { kind, host, port: at }]) => [
    // Clients of models take a URL, those of most other services a host and a port.
    [name, kind === 'model' ? `http://${host}:${at}` : `${host}:${at}`],
    [`${name}.host`, host],
    [`${name}.port`, String(at)],
    [`${name}.url`, `http://${host}:${at}`],
  ]);
  return { port: String(port), tmp: folder, ...Object.fromEntries(links) };
}

function environmentOf(
  { env, inheritEnv }: CommandSpec,
  context: TargetContext,
  values: Values,
  {
    temporary,
    agentFolder,
    nodeOptions,
  }: { temporary: string; agentFolder: string; nodeOptions: readonly string[] },
): Record<string, string> {
  const inherited = Object.entries(process.env).filter(
    ([name]) => inheritEnv === true || inheritEnv.some((allowed) => isAllowed(name, allowed)),
  );
  const own = Object.entries({ ...env, ...context.overrides?.env }).map(([name, value]) => [
    name,
    value === null ? undefined : fill(value, values),
  ]);
  const before = {
    ...Object.fromEntries(inherited),
    PORT: String(context.port),
    TMPDIR: temporary,
    ...Object.fromEntries(own),
  };
  const { NODE_OPTIONS: already } = before as Record<string, string | undefined>;
  const asked: Record<string, string | undefined> = {
    ...before,
    NODE_OPTIONS: joined(already, nodeOptions),
  };
  const agent = pythonAgentEnvironment(agentFolder, asked.PYTHONPATH);
  return Object.fromEntries(
    Object.entries({ ...asked, ...agent }).filter(([, value]) => value !== undefined),
  ) as Record<string, string>;
}

function isAllowed(name: string, allowed: string): boolean {
  return allowed.endsWith('*') ? name.startsWith(allowed.slice(0, -1)) : name === allowed;
}

function joined(already: string | undefined, options: readonly string[]): string {
  return [already, ...options].filter(Boolean).join(' ');
}

function withFdLimit(command: readonly string[], fdLimit: number | undefined): readonly string[] {
  if (fdLimit === undefined) return command;
  // Node raises its soft limit to the hard one at start, so both are set, and only a shell can.
  return ['/bin/sh', '-c', `ulimit -n ${fdLimit} && exec "$@"`, 'sh', ...command];
}

const WRAPPERS = /\/(ba|da|z|k)?sh$/;

/** The process that a signal is meant for: the first one that is no shell with a single child. */
function serverBehindWrappers(pid: number): number {
  const executable = readLink(`/proc/${pid}/exe`) ?? '';
  const children = readChildren(pid);
  const [only] = children;
  return WRAPPERS.test(executable) && children.length === 1 && only !== undefined
    ? serverBehindWrappers(only)
    : pid;
}
