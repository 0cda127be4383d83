/**
 * Takes a subject through its rounds: warmup, readings at rest, rounds of the same work, and where those do
 * not settle it four with twice the work. What then looks like a leak is given time to come back.
 */
import type { Parts } from '../resources/reading.ts';
import type { SoakVerdict } from '../statistics/judge-soak.ts';
import { DOUBLE_ROUNDS, doubleSize, singleSize } from '../statistics/round-sizes.ts';
import type { Plan } from './plan.ts';
import type { RoundKind, RoundRecord } from './record.ts';
import type { Clock, Subject, Work } from './subject.ts';

export interface RoundsOptions {
  subject: Subject;
  plan: Pick<Plan, 'warmupRounds' | 'idleReadings' | 'rounds'>;
  clock: Clock;
  /** Rounds of an earlier part of the same soak. */
  before: readonly RoundRecord[];
  /** Over all resources, by now. */
  verdict(records: readonly RoundRecord[]): SoakVerdict;
  /** What seems to leak may come back by itself within this time. */
  lateMs: number;
  /** Called after each round, and waited for. */
  onRound(record: RoundRecord, parts: Parts): void | Promise<void>;
  signal: AbortSignal;
}

/** Resolves with all rounds, also those of before. @throws TargetStuck, TargetEnded, what `signal` says. */
export async function runRounds(options: RoundsOptions): Promise<RoundRecord[]> {
  const { subject, plan, clock, before, signal } = options;
  const records = [...before];
  const segment = (before.at(-1)?.segment ?? -1) + 1;
  const earlierMs = before.at(-1)?.atMs ?? 0;
  const startMs = clock.nowMs();

  const take = async (kind: RoundKind, size: number | null, atLeastMs = 0): Promise<void> => {
    signal.throwIfAborted();
    const work: Work | null = size === null ? null : await subject.work(size, signal);
    const rest = await subject.rest(atLeastMs, signal);
    const { values, parts } = await subject.read(signal);
    signal.throwIfAborted();
    const record: RoundRecord = {
      kind,
      segment,
      atMs: Math.round(earlierMs + clock.nowMs() - startMs),
      work,
      rest,
      values: { ...values, 'idle CPU': rest.idleCpu, ...latencyOf(work) },
    };
    records.push(record);
    await options.onRound(record, parts);
  };
  const doneOf = (kind: RoundKind): number => records.filter((each) => each.kind === kind).length;

  for (let i = 0; i < plan.warmupRounds; i++) await take('warmup', 1);
  for (let i = 0; i < plan.idleReadings; i++) await take('idle', null);
  while (doneOf('single') < plan.rounds) await take('single', singleSize(doneOf('single')));
  const isSettled = doneOf('double') === 0 && options.verdict(records) === 'flat';
  while (!isSettled && doneOf('double') < DOUBLE_ROUNDS) {
    await take('double', doubleSize(doneOf('double')));
  }
  if (options.verdict(records) === 'leak') await take('late', null, options.lateMs);
  return records;
}

/** Of a reading at rest there is none. */
function latencyOf(work: Work | null): Record<string, number> {
  return work === null ? {} : { latency: work.p50Ms };
}
