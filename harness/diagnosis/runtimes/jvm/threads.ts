/** The JVM: its own thread dump, which finds circles of locks by itself (`jcmd PID Thread.print -e`). */

import type { DiagnosisCode } from '../../codes.ts';
import type { Frame } from '../../diagnosis.ts';
import type { Looked } from '../../inside-view.ts';
import { named } from '../../wording/frame.ts';
import { runTool } from '../debugger-command.ts';

export interface JavaThread {
  name: string;
  state: string;
  /** Innermost first. */
  frames: Frame[];
  /** The lock that it waits to take, and the monitors that it has taken. */
  wants: { id: string; kind: 'monitor' | 'lock' } | null;
  holds: string[];
}

/** The classes that threads park on for a lock or permit; idle workers park on a condition instead. */
const LOCKS = /\.(ReentrantLock|ReentrantReadWriteLock|Semaphore|StampedLock)(\$|$)/;

export async function lookAtJavaThreads(pid: number, signal?: AbortSignal): Promise<Looked> {
  const begin = performance.now();
  const args = [String(pid), 'Thread.print', '-e'];
  const { output, absent, complaint } = await runTool('jcmd', args, signal);
  const frozenMs = performance.now() - begin;
  const threads = parseThreads(output);
  if (threads.length === 0) {
    const because = absent
      ? 'install a JDK, whose jcmd prints them (apt-get install default-jdk-headless)'
      : /AttachNotSupported|not allowed|well-known file/i.test(complaint)
        ? `the JVM did not let jcmd in: run hanglab as the process’s own user (${complaint})`
        : complaint || 'jcmd said nothing';
    const sentence = 'Which of its threads stand still could not be seen.';
    return { isDecided: false, sentence, evidence: [`no threads: ${because}`], frozenMs };
  }
  return { ...judgeThreads(threads, circleIn(output)), frozenMs };
}

export function parseThreads(output: string): JavaThread[] {
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

/** Who waits for whom in the circle that the JVM found, by the names of threads; empty when it found none. */
function circleIn(output: string): Map<string, string> {
  const [, told = ''] = output.split(/^Found \w+ Java-level deadlock/m);
  const pairs = told.matchAll(/^"([^"]+)":\n(?: .*\n)*?.*which is held by "([^"]+)"/gm);
  const all = [...pairs].map(([, waiter = '', owner = '']) => [waiter, owner] as const);
  // It lists threads that wait for the circle from outside too.
  return new Map(all.filter(([waiter]) => all.some(([, owner]) => owner === waiter)));
}

export function judgeThreads(
  threads: readonly JavaThread[],
  circle: ReadonlyMap<string, string>,
): Omit<Looked, 'frozenMs'> {
  const evidence = [`${threads.length} Java threads`];
  const waiting = threads.filter(({ wants }) => wants !== null);
  const key = (thread: JavaThread): string => `${thread.wants?.id} ${placeOf(thread)}`;
  const inCircle = (members: readonly JavaThread[]) => members.some(({ name }) => circle.has(name));
  const crowds = [...Map.groupBy(waiting, key).values()].sort(
    (a, b) => Number(inCircle(b)) - Number(inCircle(a)) || b.length - a.length,
  );
  const [first] = crowds[0] ?? [];
  if (!first?.wants) return { sentence: 'No Java thread waits for a lock.', evidence };
  for (const [waiter, owner] of circle) {
    const thread = threads.find(({ name }) => name === waiter);
    evidence.push(`circle: "${waiter}" waits for "${owner}" at ${thread ? placeOf(thread) : '?'}`);
  }
  const { id, kind } = first.wants;
  const owner = circle.get(first.name);
  const holder = threads.find(({ holds, name }) => holds.includes(id) || name === owner);
  // Who has a lock of java.util.concurrent is told only where the JVM found a circle.
  const code: DiagnosisCode =
    circle.size > 0
      ? 'deadlock'
      : holder || kind === 'lock'
        ? 'awaiting-forever'
        : 'abandoned-lock';
  const held = holder
    ? `"${holder.name}" holds it, and stands at ${placeOf(holder)}`
    : kind === 'lock'
      ? 'the JVM does not tell who holds it'
      : 'no thread holds it';
  const all = waiting.filter(({ wants }) => wants?.id === id).length;
  return {
    code,
    sentence: `${circle.size > 0 ? 'Deadlock: ' : ''}${all === 1 ? '1 thread waits' : `${all} threads wait`} for a ${kind} at ${placeOf(first)}; ${held}.`,
    where: crowds.flatMap((members) => {
      const [one] = members;
      const at = one && (one.frames.find(isOwn) ?? one.frames[0]);
      if (!one || !at) return [];
      return [
        {
          ...at,
          count: members.length,
          ageMs: null,
          chain: one.frames.filter(isOwn).toReversed(),
          waitsFor: `a ${one.wants?.kind}`,
          locals: [],
        },
      ];
    }),
    holder: {
      kind: holder ? 'function' : 'nobody',
      sentence: held,
      where: (holder && (holder.frames.find(isOwn) ?? holder.frames[0])) ?? null,
    },
    evidence,
  };
}

function placeOf({ frames }: JavaThread): string {
  const at = frames.find(isOwn) ?? frames[0];
  return at ? named(at) : 'an unknown place';
}

/** Neither of the JDK (whose files carry their module: `java.base@17`) nor made up by the JVM. */
function isOwn({ function: name, file, line }: Frame): boolean {
  return line > 0 && !file.includes('@') && !/^(java|javax|jdk|sun|com\.sun)\./.test(name);
}
