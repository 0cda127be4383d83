/** Runs another program's debugger for a moment, bounded in time. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

const LIMIT_MS = 10_000;
/** How long a debugger has to give its process back, and it is asked twice. */
const GIVE_BACK_MS = 3000;

export interface ToolAnswer {
  output: string;
  /** It is not installed. */
  absent: boolean;
  /** The first line that it complained with. */
  complaint: string;
  /** All that it complained with. */
  complaints: string;
}

/**
 * Never throws: a tool that is absent, fails or hangs is an answer too.
 * @param callsFunctions it calls functions of the process that it looks at. Ended by force in the midst of
 *   such a call it would leave the process to return to nowhere, which ends that too (tried with gdb: after
 *   SIGTERM and SIGKILL the process crashes, after SIGINT it goes on). So it is interrupted, never killed.
 */
export async function runTool(
  command: string,
  args: readonly string[],
  signal?: AbortSignal,
  { callsFunctions = false } = {},
): Promise<ToolAnswer> {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TERM: 'dumb' },
    // Away from the terminal's Ctrl-C, which comes at any instant.
    detached: callsFunctions,
  });
  const failed = new Promise<NodeJS.ErrnoException>((resolve) => child.once('error', resolve));
  const done = Promise.all([text(child.stdout), text(child.stderr)]);
  const over = new AbortController();
  const limit = sleep(LIMIT_MS, null, {
    signal: AbortSignal.any(signal ? [over.signal, signal] : [over.signal]),
  }).catch(() => null);
  const ended = await Promise.race([done, failed, limit]);
  over.abort();
  if (Array.isArray(ended)) {
    const complaints = ended[1].trim();
    return {
      output: ended[0],
      absent: false,
      complaint: complaints.split('\n')[0] ?? '',
      complaints,
    };
  }
  const absent = ended?.code === 'ENOENT';
  const why = signal?.aborted ? 'was interrupted' : 'took too long';
  const complaint = absent ? '' : (ended?.message ?? `${command} ${why}`);
  if (!ended) {
    if (callsFunctions) await interrupt(child);
    // A debugger that is ended gives its process back: the kernel lets go of what it traced.
    else child.kill('SIGKILL');
  }
  return { output: '', absent, complaint, complaints: complaint };
}

async function interrupt(child: ReturnType<typeof spawn>): Promise<void> {
  for (let times = 0; times < 2; times++) {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGINT');
    await Promise.race([exit, sleep(GIVE_BACK_MS)]);
  }
}
