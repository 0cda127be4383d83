/** A target that has been started: waits for it to be ready, and says why it was not. */
import { setTimeout as sleep } from 'node:timers/promises';
import { formatMs } from '../../platform/duration.ts';
import { EXIT, HanglabError } from '../../platform/errors.ts';
import type { RunningTarget, TargetContext, TargetExit } from '../target.ts';
import type { TargetLog } from './log.ts';
import { listeningPorts, type Ready, whenReady } from './ready.ts';

export interface Starting {
  log: TargetLog;
  exited: Promise<TargetExit>;
  kill(): Promise<void>;
  processes: RunningTarget['processes'];
  /** How many of its processes were still there when the first one had ended; absent where it is not known. */
  inBackground?(): number;
}

/**
 * Resolves with the address that it serves. Otherwise it is killed.
 * @throws HanglabError `target-died-at-start`, `target-not-ready`, `target-in-background`, with its last lines.
 */
export async function untilReady(
  { ready, readyMs }: { ready: Ready; readyMs: number },
  context: TargetContext,
  { log, exited, kill, processes, inBackground }: Starting,
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
    const ports = [...listeningPorts(processes.pids())];
    await kill();
    context.signal.throwIfAborted();
    if (came === 'late') throw notReady(ready, readyMs, context.port, ports, log);
    const { code, signal: endedBy } = await exited;
    if (code === 0 && (inBackground?.() ?? 0) > 0) throw wentIntoBackground(log);
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

function notReady(
  ready: Ready,
  readyMs: number,
  port: number,
  ports: readonly number[],
  log: TargetLog,
): HanglabError {
  const awaited = {
    path: () => `GET ${(ready as { path: string }).path} on port ${port} did not answer`,
    line: () => `it did not print a line like ${(ready as { pattern: RegExp }).pattern}`,
    port: () => `it did not listen on port ${port}`,
  }[ready.kind]();
  const found =
    ports.length === 0
      ? 'it listens on no TCP port'
      : `it listens on ${ports.length === 1 ? 'port' : 'ports'} ${ports.join(', ')}`;
  return new HanglabError(
    'target-not-ready',
    `the target was not ready within ${formatMs(readyMs)}: ${awaited}, and ${found}; its last lines:`,
    { exitCode: EXIT.cannotRunHere, problems: lastLinesOf(log) },
  );
}

function wentIntoBackground(log: TargetLog): HanglabError {
  return new HanglabError(
    'target-in-background',
    'the target went into the background: its command ended, and other processes of it stayed. Start it in the foreground, or attach to it; its last lines:',
    { problems: lastLinesOf(log) },
  );
}

function lastLinesOf(log: TargetLog): string[] {
  const lines = log.lastLines();
  return lines.length > 0 ? lines : ['(it printed nothing)'];
}
