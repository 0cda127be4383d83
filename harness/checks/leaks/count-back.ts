/** How a count after quiesce is held against the same count after warmup: for descriptors, threads, sockets. */
import { type History, phasesOf } from '../../history/history.ts';
import type { CheckId, Finding } from '../check.ts';

export interface CountBack {
  check: CheckId;
  unit: string;
  samples: readonly { t: number; count: number }[];
  /** What to look at when it has grown. */
  what(): string;
}

/** Leaking loads are sized to leak at least five times this. */
export function allowance(operations: number): number {
  return Math.max(4, Math.round(operations * 0.1));
}

export function judgeCountBack(
  history: History,
  { check, unit, samples, what }: CountBack,
): Finding {
  const { baseline, quiesce } = phasesOf(history);
  const operations = history.of('request').length;
  const limit = { value: allowance(operations), unit };
  const base = { check, phase: 'quiesce' as const, limit };
  const before = samples.findLast(({ t }) => baseline !== undefined && t <= baseline.fromMs);
  const after = samples.findLast(({ t }) => quiesce !== undefined && t > quiesce.fromMs);
  if (!before || !after) {
    const message = `not reached: no count of ${unit} after quiesce`;
    return { ...base, verdict: 'not-reached', message, measured: null };
  }
  const grown = after.count - before.count;
  const measured = { value: grown, unit };
  const counts = `${before.count} after warmup, ${after.count} after quiesce (${operations} requests)`;
  if (grown > limit.value) {
    const detail = what();
    const message = `${unit} grew by ${grown}: ${counts}${detail ? `; ${detail}` : ''}`;
    return { ...base, verdict: 'fail', message, measured };
  }
  return { ...base, verdict: 'pass', message: `${unit} came back: ${counts}`, measured };
}
