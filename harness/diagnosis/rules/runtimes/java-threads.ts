/** The JVM: threads that wait for locks, and who holds those. */
import type { DiagnosisCode } from '../../codes.ts';
import type { Frame } from '../../diagnosis.ts';
import type { JavaThread, JavaThreadFacts } from '../../facts/runtime-facts.ts';
import { frameLabel } from '../../wording/frame.ts';
import { plural } from '../../wording/numbers.ts';
import type { Rule, Verdict } from '../rule.ts';
import { decided, unlessSilent } from './goroutines.ts';

/** A lock that is being handed over has no holder in a dump either: only a cycle is certain. */
const STRUCTURE: ReadonlySet<DiagnosisCode> = new Set(['deadlock']);

export const javaThreads: Rule = {
  codes: [
    'deadlock',
    'abandoned-lock',
    'awaiting-forever',
    'waiting',
    'slow-but-live',
    'live',
    'undecided',
  ],
  judge(subject) {
    if (subject.process.runtime !== 'jvm') return null;
    const facts = subject.process.javaThreads;
    if (!facts) return { wants: { kind: 'java-threads' } };
    const code = unlessSilent(subject);
    if (facts.threads.length > 0) {
      return { verdict: decided(subject, { code, ...judgeThreads(facts) }, STRUCTURE) };
    }
    const sentence = 'Which of its threads are stuck could not be seen.';
    const evidence = [`no threads: ${facts.because}`];
    return { verdict: { code: 'undecided', isDecided: false, sentence, evidence } };
  },
};

function judgeThreads({ threads, cycle: found }: JavaThreadFacts): Partial<Verdict> {
  const cycle = new Map(Object.entries(found));
  const evidence = [plural(threads.length, 'Java thread')];
  const waiting = threads.filter(({ wants }) => wants !== null);
  const key = (thread: JavaThread): string => `${thread.wants?.id} ${placeOf(thread)}`;
  const inCycle = (members: readonly JavaThread[]) => members.some(({ name }) => cycle.has(name));
  const groups = [...Map.groupBy(waiting, key).values()].sort(
    (a, b) => Number(inCycle(b)) - Number(inCycle(a)) || b.length - a.length,
  );
  const [first] = groups[0] ?? [];
  if (!first?.wants) return { sentence: 'No Java thread waits for a lock.', evidence };
  for (const [waiter, owner] of cycle) {
    const thread = threads.find(({ name }) => name === waiter);
    evidence.push(`cycle: "${waiter}" waits for "${owner}" at ${thread ? placeOf(thread) : '?'}`);
  }
  const { id, kind } = first.wants;
  const owner = cycle.get(first.name);
  const holder = threads.find(({ holds, name }) => holds.includes(id) || name === owner);
  // Who has a lock of java.util.concurrent is known only where the JVM found a cycle.
  const code: DiagnosisCode =
    cycle.size > 0 ? 'deadlock' : holder || kind === 'lock' ? 'awaiting-forever' : 'abandoned-lock';
  const held = holder
    ? `"${holder.name}" holds it, and is at ${placeOf(holder)}`
    : kind === 'lock'
      ? 'the JVM does not say who holds it'
      : 'no thread holds it';
  const all = waiting.filter(({ wants }) => wants?.id === id).length;
  return {
    code,
    sentence: `${cycle.size > 0 ? 'Deadlock: ' : ''}${all === 1 ? '1 thread waits' : `${all} threads wait`} for a ${kind} at ${placeOf(first)}; ${held}.`,
    where: groups.flatMap((members) => {
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
  return at ? frameLabel(at) : 'an unknown place';
}

function isOwn({ origin }: Frame): boolean {
  return origin === 'program';
}
