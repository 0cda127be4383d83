/** A target that hanglab starts itself, by a command, in a process group of its own. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { pythonAgentEnvironment } from '../../diagnosis/runtimes/python/agent.ts';
import { HanglabError } from '../../platform/errors.ts';
import { freePort } from '../../platform/free-port.ts';
import { readLink } from '../../platform/procfs/files.ts';
import { readChildren } from '../../platform/procfs/process.ts';
import { fill, type Values } from '../config/template.ts';
import { direct } from '../launcher.ts';
import { processTree } from '../process-tree.ts';
import { servingPid } from '../serving-pid.ts';
import type { RunningTarget, TargetContext, TargetExit } from '../target.ts';
import { openLog } from './log.ts';
import { killAll, MARK_VARIABLE, markedPids, send } from './process-group.ts';
import type { Ready } from './ready.ts';
import { preparedFolder, type SetupSpec } from './setup.ts';
import { untilReady } from './until-ready.ts';
import { temporaryFolderIn, valuesFor } from './values.ts';

/** How a server is started, as its config says it. Texts may have placeholders. */
export interface CommandSpec {
  readonly command: readonly string[];
  /** What is done once before its first start; null when nothing is. */
  readonly setup: SetupSpec | null;
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

/** Options that every Node takes: an older one refuses to start with one that it does not know. */
const NODE_OPTIONS = [
  // Nothing listens until SIGUSR1 asks for it, and then on a port of its own.
  '--inspect-port=0',
  `--require=${fileURLToPath(new URL('./preload/cluster-inspect-port.cjs', import.meta.url))}`,
];

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
  const temporary = temporaryFolderIn(context);
  const agentFolder = join(context.folder, 'agent');
  mkdirSync(agentFolder, { recursive: true, mode: 0o700 });
  const { launcher = direct } = context;
  const setup = spec.setup && (await preparedFolder(spec.setup, context));
  const values = { ...valuesFor(context), ...(setup === null ? {} : { setup }) };
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
    cwd: cwd ?? fill(spec.cwd, values),
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
  let inBackground = 0;
  const exited = new Promise<TargetExit>((resolve) => {
    child.once('exit', (code, signal) => {
      if (child.pid) {
        inBackground = markedPids(mark).length;
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
  const { host, port } = await untilReady(spec, context, {
    ...{ log, exited, kill, processes },
    inBackground: () => inBackground,
  });
  return {
    host,
    port,
    processes,
    exited,
    lastLines: log.lastLines,
    folder: context.folder,
    logFile: context.logFile,
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
      // Under a profiler the child is the profiler, and the server its child.
      await launcher.beforeStop({ pid: servingPid(processes, port), exited });
      if (spec.graceMs > 0 && child.exitCode === null && child.signalCode === null) {
        send(serverBehindWrappers(pid), spec.stopSignal);
        await Promise.race([exited, sleep(spec.graceMs, undefined, { ref: false })]);
      }
      await kill();
    },
  };
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

/** As NODE_OPTIONS takes an option with blanks in it. */
function quotedOption(value: string): string {
  if (!/[\s"\\]/.test(value)) return value;
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

function isAllowed(name: string, allowed: string): boolean {
  return allowed.endsWith('*') ? name.startsWith(allowed.slice(0, -1)) : name === allowed;
}

function joined(already: string | undefined, options: readonly string[]): string {
  return [already, ...options.map(quotedOption)].filter(Boolean).join(' ');
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
