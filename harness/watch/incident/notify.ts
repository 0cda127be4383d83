/** Tells somebody else of an incident: a command of the user's, or a webhook. Neither can hold the watch up. */
import { spawn } from 'node:child_process';
import { formatMs } from '../../platform/duration.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Incident } from './incident.ts';

const COMMAND_MS = 60_000;
const WEBHOOK_MS = 10_000;

/**
 * Runs `command` by the shell. What the target has a word in comes as environment and standard input, never as
 * part of the command.
 * @returns what went wrong, or null.
 */
export async function runCommand(
  command: string,
  incident: Incident,
  signal: AbortSignal,
  limitMs = COMMAND_MS,
): Promise<string | null> {
  const child = spawn('/bin/sh', ['-c', command], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // A group of its own, so that all of it ends together.
    detached: true,
    env: {
      ...process.env,
      HANGLAB_REPORT: incident.folder,
      HANGLAB_SENTENCE: incident.sentence,
      HANGLAB_CODE: incident.diagnosis?.code ?? incident.alarms[0]?.kind ?? '',
      HANGLAB_PID: String(incident.pid),
    },
  });
  // It need not read what it is given.
  child.stdin.on('error', () => {});
  child.stdin.end(JSON.stringify(incident));
  let endedBy: string | null = null;
  const end = (why: string): void => {
    endedBy ??= why;
    killGroup(child.pid);
  };
  const interrupted = (): void => end('the watch ended');
  const timer = setTimeout(() => end(`it took longer than ${formatMs(limitMs)}`), limitMs);
  signal.addEventListener('abort', interrupted);
  const result = await new Promise<string | null>((resolve) => {
    child.once('error', ({ message }) => resolve(message));
    child.once('exit', (code, by) => resolve(code === 0 ? null : `exit code ${code ?? by}`));
  });
  clearTimeout(timer);
  signal.removeEventListener('abort', interrupted);
  const why = endedBy ?? result;
  return why === null ? null : `--exec: ${why}`;
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

/** @returns what went wrong, or null. */
export async function postWebhook(
  url: string,
  incident: Incident,
  signal: AbortSignal,
): Promise<string | null> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      // `text` is what chat services show.
      body: JSON.stringify({ text: incident.sentence, ...incident }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(WEBHOOK_MS)]),
      redirect: 'error',
    });
    await answer.body?.cancel();
    return answer.ok ? null : `--webhook: status ${answer.status}`;
  } catch (error) {
    const { cause } = error as Error;
    return `--webhook: ${messageOf(cause ?? error)}`;
  }
}
