/** Runs another program's debugger for a moment, bounded in time. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

const LIMIT_MS = 10_000;

export interface ToolAnswer {
  output: string;
  /** It is not installed. */
  absent: boolean;
  /** The first line that it complained with. */
  complaint: string;
}

/** Never throws: a tool that is absent, fails or hangs is an answer too. */
export async function runTool(
  command: string,
  args: readonly string[],
  signal?: AbortSignal,
): Promise<ToolAnswer> {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TERM: 'dumb' },
    ...(signal && { signal }),
  });
  const failed = new Promise<NodeJS.ErrnoException>((resolve) => child.once('error', resolve));
  const done = Promise.all([text(child.stdout), text(child.stderr)]);
  const timer = new AbortController();
  const ended = await Promise.race([
    done,
    failed,
    sleep(LIMIT_MS, null, { signal: timer.signal }).catch(() => null),
  ]);
  timer.abort();
  if (Array.isArray(ended)) {
    return { output: ended[0], absent: false, complaint: ended[1].trim().split('\n')[0] ?? '' };
  }
  // A debugger that is ended gives its process back: the kernel lets go of what it traced.
  child.kill('SIGKILL');
  const absent = ended?.code === 'ENOENT';
  return { output: '', absent, complaint: absent ? '' : `${command} took too long` };
}
