/** The JVM: its own thread dump, which finds circles of monitors by itself (`jcmd PID Thread.print -e`). */
import type { DiagnosisCode } from './codes.ts';
import type { Looked } from './looked.ts';
import { runTool } from './tool.ts';
import type { Frame } from './types.ts';

export interface JavaThread {
  name: string;
  state: string;
  frames: Frame[];
  /** Monitor it waits to lock, and those it has locked. */
  wants: string | null;
  holds: string[];
}

export async function lookAtJavaThreads(pid: number, signal?: AbortSignal): Promise<Looked> {
  const begin = performance.now();
  const { output, absent, complaint } = await runTool(
    'jcmd',
    [String(pid), 'Thread.print', '-e'],
    signal,
  );
  const frozenMs = performance.now() - begin;
  const threads = parseThreads(output);
  if (threads.length === 0) {
    const because = absent
      ? 'no threads: install a JDK, whose jcmd prints them'
      : `no threads: ${complaint || 'jcmd said nothing'}`;
    return { isDecided: false, evidence: [because], frozenMs };
  }
  return { ...judgeThreads(threads, /Found \w+ Java-level deadlock/.test(output)), frozenMs };
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
    const wants = /- waiting to lock <(0x[0-9a-f]+)>|parking to wait for\s+<(0x[0-9a-f]+)>/.exec(
      block,
    );
    const holds = [...block.matchAll(/- locked <(0x[0-9a-f]+)>/g)].map(([, id = '']) => id);
    return [{ name, state, frames, wants: wants?.[1] ?? wants?.[2] ?? null, holds }];
  });
}

export function judgeThreads(
  threads: readonly JavaThread[],
  isDeadlock: boolean,
): Omit<Looked, 'frozenMs'> {
  const evidence = [`${threads.length} Java threads`];
  const blocked = threads.filter(({ state, wants }) => state === 'BLOCKED' && wants !== null);
  const crowds = [...Map.groupBy(blocked, ({ wants }) => wants)].sort(
    (a, b) => b[1].length - a[1].length,
  );
  const [crowd] = crowds;
  if (!crowd)
    return { code: 'live', sentence: 'No Java thread is blocked on a monitor.', evidence };
  const [monitor, members] = crowd;
  const holder = threads.find(({ holds }) => holds.includes(monitor ?? ''));
  const at = placeOf(members[0]?.frames);
  const code: DiagnosisCode = isDeadlock
    ? 'deadlock'
    : holder
      ? 'awaiting-forever'
      : 'abandoned-lock';
  const held = holder ? `; "${holder.name}" holds it at ${placeOf(holder.frames)}` : '';
  return {
    code,
    sentence: `${isDeadlock ? 'Deadlock: ' : ''}${members.length} threads wait for a monitor at ${at}${held}.`,
    where: crowds.flatMap(([, [first, ...rest]]) =>
      first?.frames[0]
        ? [
            {
              ...first.frames[0],
              count: 1 + rest.length,
              ageMs: null,
              chain: first.frames.toReversed(),
              waitsFor: 'a monitor',
              locals: [],
            },
          ]
        : [],
    ),
    holder: holder?.frames[0]
      ? {
          kind: 'function',
          sentence: `"${holder.name}" holds the monitor`,
          where: holder.frames[0],
        }
      : null,
    evidence,
  };
}

function placeOf(frames: readonly Frame[] | undefined): string {
  const [first] = frames ?? [];
  return first ? `${first.function} (${first.file}:${first.line})` : 'an unknown place';
}
