/**
 * Runs another program for a moment and collects what it says, bounded in time and in size. By hand and not
 * by a library: a debugger must not be killed while it calls a function in its process, and not reached by
 * the terminal's Ctrl-C, which comes at any instant.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

const LIMIT_MS = 10_000;
const MAX_CHARACTERS = 64_000_000;
/** How long a debugger has to give its process back, and it is asked twice. */
const GIVE_BACK_MS = 3000;

export interface ToolAnswer {
  output: string;
  /** It is not installed. */
  absent: boolean;
  /** It did not end by itself: it was ended because of its time, its size or an interruption. */
  wasEnded: boolean;
  /** The first line that it complained with. */
  complaint: string;
  /** All that it complained with. */
  complaints: string;
}

export interface ToolOptions {
  signal?: AbortSignal;
  limitMs?: number;
  /** By whom it runs, where hanglab is root. */
  uid?: number;
  gid?: number;
  /**
   * It calls functions of the process that it looks at. Ended by force in the midst of such a call it would leave
   * the process to return to nowhere, which ends that too (tried with gdb: after SIGTERM and SIGKILL the
   * process crashes, after SIGINT it goes on). So it is interrupted, never killed.
   */
  callsFunctions?: boolean;
}

/** Never throws: a tool that is absent, fails or hangs is an answer too. */
export async function runTool(
  command: string,
  args: readonly string[],
  { signal, limitMs = LIMIT_MS, callsFunctions = false, ...asUser }: ToolOptions = {},
): Promise<ToolAnswer> {
  const none = { output: '', absent: false, wasEnded: false, complaint: '', complaints: '' };
  if (signal?.aborted) return { ...none, wasEnded: true, complaint: `${command} was interrupted` };
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TERM: 'dumb' },
    detached: true,
    ...asUser,
  });
  const ended = await endOf(child, limitMs, signal);
  if (ended instanceof Error) {
    const absent = (ended as NodeJS.ErrnoException).code === 'ENOENT';
    return { ...none, absent, complaint: absent ? '' : ended.message };
  }
  if (ended === null) {
    if (callsFunctions) await interrupt(child);
    // A debugger that is ended gives its process back: the kernel lets go of what it traced.
    else child.kill('SIGKILL');
    const why = signal?.aborted ? 'was interrupted' : 'took too long';
    return { ...none, wasEnded: true, complaint: `${command} ${why}` };
  }
  const complaints = ended.stderr.trim();
  const [complaint = ''] = complaints.split('\n', 1);
  return { ...none, output: ended.stdout, complaint, complaints };
}

/** What it has said at its end; an error when it could not be started; null when it has to be ended. */
async function endOf(
  child: ChildProcess,
  limitMs: number,
  signal?: AbortSignal,
): Promise<{ stdout: string; stderr: string } | Error | null> {
  const said = { stdout: '', stderr: '' };
  const over = new AbortController();
  const tooMuch = Promise.withResolvers<null>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
      if (said[name].length > MAX_CHARACTERS) tooMuch.resolve(null);
    });
  }
  const failed = new Promise<Error>((resolve) => child.on('error', resolve));
  const done = new Promise<typeof said>((resolve) => child.once('close', () => resolve(said)));
  const limit = sleep(limitMs, null, {
    signal: AbortSignal.any(signal ? [over.signal, signal] : [over.signal]),
  }).catch(() => null);
  const end = await Promise.race([done, failed, tooMuch.promise, limit]);
  over.abort();
  if (end === null) for (const name of ['stdout', 'stderr'] as const) child[name]?.destroy();
  return end;
}

async function interrupt(child: ChildProcess): Promise<void> {
  for (let times = 0; times < 2; times++) {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGINT');
    const over = new AbortController();
    const late = sleep(GIVE_BACK_MS, undefined, { signal: over.signal }).catch(() => undefined);
    await Promise.race([exit, late]);
    over.abort();
  }
}
