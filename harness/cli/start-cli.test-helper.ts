/**
 * Runs bin/hanglab.js as a person would, and knows what belongs to it: its temporary folders lie in a
 * folder of their own, and a mark in PATH is handed down to every process that it starts.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readFds } from '../platform/procfs/fds.ts';
import { readText } from '../platform/procfs/files.ts';
import { readSockets } from '../platform/procfs/sockets.ts';

const BIN = fileURLToPath(new URL('../../bin/hanglab.js', import.meta.url));
const POLL_MS = 50;
let lastMark = 0;

export interface CliOptions {
  env?: Record<string, string>;
  cwd?: string;
  /** The Node that starts it; without it, the one that runs the tests. */
  node?: string;
}

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface Cli extends AsyncDisposable {
  readonly pid: number;
  /** Where it runs unless told otherwise, and the folder for its reports there; both go with it. */
  readonly folder: string;
  readonly out: string;
  /** Resolves once it has ended and all that it wrote has been read. */
  readonly exit: Promise<Exit>;
  /** Resolves when either stream has said `text`. @throws when it ends without having said it. */
  said(text: string): Promise<void>;
  /** What it has written so far, standard output first. */
  text(): string;
  send(signal: NodeJS.Signals): void;
  /** Closes our end of its standard output. */
  stopReading(): void;
  /** Those of its processes that live, itself included, whoever their parent is by now. */
  processes(): { pid: number; command: string }[];
  /** What of it is still there: processes, listening sockets seen before, temporary folders. */
  leftovers(): string[];
  /** Remembers its listening sockets, for `leftovers`; how many there are. */
  noteListeners(): number;
}

/** Starts `hanglab ...args`; `--out` is added to `run` unless given. Disposing kills what is left. */
export function startCli(args: string[], options: CliOptions = {}): Cli {
  const folder = mkdtempSync(join(tmpdir(), 'cli-test-'));
  const temporary = mkdtempSync(join(folder, 'tmp-'));
  const out = join(folder, 'reports');
  const mark = `/no-such-folder/cli-test-${process.pid}-${++lastMark}`;
  const inherited = { ...process.env };
  // What the tests themselves run under is not what they are about.
  for (const name of ['TOXIPROXY_URL', 'GITHUB_ACTIONS', 'GITHUB_STEP_SUMMARY', 'FORCE_COLOR'])
    delete inherited[name];
  const withOut = args[0] === 'run' && !args.includes('--out') ? [...args, '--out', out] : args;
  const child = spawn(options.node ?? process.execPath, [BIN, ...withOut], {
    cwd: options.cwd ?? folder,
    env: {
      ...inherited,
      TMPDIR: temporary,
      PATH: [inherited.PATH, mark].join(delimiter),
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = keepOutput(child);
  const exit = new Promise<Exit>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, ...said.streams }));
  });
  const listeners = new Set<number>();
  const processes = () => markedProcesses(mark);
  return {
    pid: child.pid as number,
    folder,
    out,
    exit,
    said: (text) => said.said(text, exit),
    text: () => said.streams.stdout + said.streams.stderr,
    send: (signal) => void child.kill(signal),
    stopReading: () => void child.stdout.destroy(),
    processes,
    noteListeners() {
      for (const { pid } of processes())
        for (const { inode } of listening(readFds(pid).socketInodes)) listeners.add(inode);
      return listeners.size;
    },
    leftovers() {
      return [
        ...processes().map(({ pid, command }) => `process ${pid}: ${command}`),
        ...listening(listeners).map(({ localPort }) => `listener on port ${localPort}`),
        ...readdirSync(temporary).map((name) => `folder ${name}`),
      ];
    },
    async [Symbol.asyncDispose]() {
      for (const { pid } of processes()) killIfThere(pid);
      await exit;
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Runs `hanglab ...args` to its end. */
export async function cli(args: string[], options: CliOptions = {}): Promise<Exit> {
  await using started = startCli(args, options);
  return await started.exit;
}

/** Resolves when `condition` holds. @throws after `timeoutMs`, with what `describe` says. */
export async function until(
  condition: () => boolean,
  timeoutMs: number,
  describe: () => string = () => '',
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms. ${describe()}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function keepOutput(child: ChildProcess) {
  const streams = { stdout: '', stderr: '' };
  let onMore: () => void = () => {};
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      streams[name] += text;
      onMore();
    });
  }
  return {
    streams,
    async said(text: string, exit: Promise<Exit>): Promise<void> {
      const heard = Promise.withResolvers<void>();
      onMore = () => {
        if (streams.stdout.includes(text) || streams.stderr.includes(text)) heard.resolve();
      };
      onMore();
      const ended = exit.then(({ code, stdout, stderr }) => {
        throw new Error(`ended with ${code} and never said "${text}":\n${stdout}\n${stderr}`);
      });
      await Promise.race([heard.promise, ended]);
    },
  };
}

function markedProcesses(mark: string): { pid: number; command: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => environmentOf(pid).includes(`${mark}\0`))
    .map((pid) => ({
      pid,
      command: (readText(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' ').trim(),
    }));
}

function environmentOf(pid: number): string {
  try {
    return `${readFileSync(`/proc/${pid}/environ`, 'utf8')}\0`;
  } catch {
    // gone, or somebody else's
    return '';
  }
}

function listening(inodes: ReadonlySet<number>) {
  return readSockets(process.pid, inodes).filter(({ state }) => state === 'LISTEN');
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // gone already
  }
}
