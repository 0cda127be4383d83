/** The JVM: its own thread dump, which finds cycles of locks by itself (`jcmd PID Thread.print -e`). */

import { readStatus } from '../../../platform/procfs/status.ts';
import type { Origin } from '../../diagnosis.ts';
import type { JavaThread, JavaThreadFacts } from '../../facts/runtime-facts.ts';
import { traceProcess } from '../../outside/trace-process.ts';

/** The classes that threads park on for a lock or permit; idle workers park on a condition instead. */
const LOCKS = /\.(ReentrantLock|ReentrantReadWriteLock|Semaphore|StampedLock)(\$|$)/;

export async function readJavaThreads(
  pid: number,
  signal?: AbortSignal,
): Promise<JavaThreadFacts & { frozenMs: number }> {
  const args = [String(pid), 'Thread.print', '-e'];
  const { output, absent, complaint, frozenMs } = await traceProcess(pid, 'jcmd', args, {
    ...(signal && { signal }),
    ...asItsUser(pid),
  });
  const threads = parseThreads(output);
  const because =
    threads.length > 0
      ? ''
      : absent
        ? 'install a JDK, whose jcmd prints them (apt-get install default-jdk-headless)'
        : /AttachNotSupported|not allowed|well-known file/i.test(complaint)
          ? `the JVM did not let jcmd in: run hanglab as the process’s own user (${complaint})`
          : complaint || 'jcmd said nothing';
  return { threads, cycle: cycleIn(output), because, frozenMs };
}

/** jcmd makes a file where the JVM looks for it, in a folder that is the JVM's: not as root. */
function asItsUser(pid: number): { uid?: number; gid?: number } {
  const status = readStatus(pid);
  if (process.getuid?.() !== 0 || !status || status.uid <= 0) return {};
  return { uid: status.uid, gid: status.gid };
}

function parseThreads(output: string): JavaThread[] {
  // The list of deadlocks at the end repeats stacks: they are not threads of their own.
  const [dump = ''] = output.split(/^Found \w+ Java-level deadlock/m);
  return dump.split(/\n(?=")/).flatMap((block) => {
    const name = /^"([^"]*)"/.exec(block)?.[1];
    const state = /java\.lang\.Thread\.State: (\w+)/.exec(block)?.[1];
    if (name === undefined || state === undefined) return [];
    const frames = [...block.matchAll(/^\s+at ([\w.$/@<>-]+)\(([^:()]*)(?::(\d+))?\)/gm)].map(
      ([, call = '', file = '', line]) => ({
        function: call,
        file,
        line: Number(line ?? 0),
        column: 0,
        origin: originOf(call, file, Number(line ?? 0)),
      }),
    );
    const holds = [...block.matchAll(/- locked <(0x[0-9a-f]+)>/g)].map(([, id = '']) => id);
    return [{ name, state, frames, wants: wantedIn(block), holds }];
  });
}

function wantedIn(block: string): JavaThread['wants'] {
  const monitor = /- waiting to lock <(0x[0-9a-f]+)>/.exec(block)?.[1];
  if (monitor) return { id: monitor, kind: 'monitor' };
  const [, id, kind] = /parking to wait for\s+<(0x[0-9a-f]+)> \(a ([^)]+)\)/.exec(block) ?? [];
  return id && kind && LOCKS.test(kind) ? { id, kind: 'lock' } : null;
}

/** Who waits for whom in the cycle that the JVM found, by the names of threads; empty when it found none. */
function cycleIn(output: string): Record<string, string> {
  const [, found = ''] = output.split(/^Found \w+ Java-level deadlock/m);
  const pairs = found.matchAll(/^"([^"]+)":\n(?: .*\n)*?.*which is held by "([^"]+)"/gm);
  const all = [...pairs].map(([, waiter = '', owner = '']) => [waiter, owner] as const);
  // It lists threads that wait for the cycle from outside too.
  return Object.fromEntries(all.filter(([waiter]) => all.some(([, owner]) => owner === waiter)));
}

/** The JDK's files carry their module (`java.base@17`); what the JVM makes up has no line. */
function originOf(name: string, file: string, line: number): Origin {
  const isOwn = line > 0 && !file.includes('@') && !/^(java|javax|jdk|sun|com\.sun)\./.test(name);
  return isOwn ? 'program' : 'runtime';
}
