/** The order of rounds, on a replayed clock: what a day does in a second. */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it, onTestFinished } from 'vitest';
import { LatencyHistogram } from '../../checks/judging/latency-histogram.ts';
import { soakJson, verdictOf } from '../report/soak-json.ts';
import { DEFAULT_SMALLEST } from '../resources/catalogue.ts';
import { judgeSoak } from '../statistics/judge-soak.ts';
import { HEAP } from '../statistics/simulated.test-helper.ts';
import { newStore, openStore } from '../store.ts';
import { soakRecorder } from '../work/recorder.ts';
import { planOf } from './plan.ts';
import type { RoundRecord } from './record.ts';
import { type RoundsOptions, runRounds } from './run-rounds.ts';
import type { Clock, Subject } from './subject.ts';

const STILL_MS = 2_000;
const HOUR_MS = 3_600_000;
const never = new AbortController().signal;

interface Replayed extends Subject {
  readonly clock: Clock;
  /** All work so far. */
  operations(): number;
}

/** Holds what `holds` says after so many operations; its time passes as fast as it is told. */
function replayed(
  operationsARound: number,
  holds: (operations: number, rests: number) => number,
  workMs = 1_000,
): Replayed {
  let nowMs = 0;
  let operations = 0;
  let rests = 0;
  return {
    identity: 'replayed',
    clock: { nowMs: () => nowMs },
    operations: () => operations,
    async work(size) {
      const done = Math.round(size * operationsARound);
      operations += done;
      nowMs += size * workMs;
      return {
        ...{ operations: done, connections: done / 4, failed: 0, unknown: 0 },
        ...{ tookMs: size * workMs, p50Ms: 1, p99Ms: 2, firstFailure: null },
      };
    },
    async rest(atLeastMs) {
      rests = atLeastMs > 0 ? rests + 1 : rests;
      nowMs += Math.max(STILL_MS, atLeastMs);
      return { tookMs: STILL_MS, isStill: true, idleCpu: 0.2 };
    },
    read: async () => ({ values: { threads: holds(operations, rests) }, parts: {} }),
  };
}

const facts = (records: readonly RoundRecord[]) => ({
  records,
  smallest: DEFAULT_SMALLEST,
  runtime: 'other',
});

function soak(subject: Replayed, options: Partial<RoundsOptions> = {}): Promise<RoundRecord[]> {
  return runRounds({
    ...{ subject, plan: planOf({ stillMs: STILL_MS }), clock: subject.clock, before: [] },
    verdict: (records) => verdictOf(facts(records)),
    ...{ lateMs: 30_000, onRound: () => {}, signal: never },
    ...options,
  });
}

const kindsOf = (records: readonly RoundRecord[]): string =>
  records.map(({ kind }) => kind[0]).join('');

describe('the rounds of a soak', () => {
  it('are warmup, readings at rest and eight rounds where all is flat', async () => {
    const records = await soak(replayed(2000, () => 11));
    expect(kindsOf(records)).toBe('wwiiissssssss');
    expect(records.at(-1)?.atMs).toBe(10 * 1000 + 13 * STILL_MS);
  });

  it('go on with twice the work on a suspicion, and end with a reading a while later', async () => {
    const records = await soak(replayed(2000, (operations) => operations / 100));
    expect(kindsOf(records)).toBe('wwiiissssssssddddl');
    expect(verdictOf(facts(records))).toBe('leak');
  });

  it('find no leak in what comes back a while later', async () => {
    const records = await soak(
      replayed(2000, (operations, rests) => (rests > 0 ? 11 : operations / 100)),
    );
    const found = soakJson({
      ...facts(records),
      ...{ target: 't', scenarios: [], seed: 1, limits: { fds: 1024, memoryBytes: 1e9 } },
      ...{ parts: { first: {}, last: {} }, failure: null, notes: [] },
    });
    const threads = found.resources.find(({ name }) => name === 'threads');
    expect(found.verdict).toBe('undecided');
    expect(threads).toMatchObject({ verdict: 'undecided', doubt: 'comes-back' });
  });

  it('go on where an earlier part ended, with a warmup for the new process', async () => {
    const before = (await soak(replayed(2000, () => 11))).slice(0, 9);
    const records = await soak(
      replayed(2000, () => 11),
      { before },
    );
    expect(kindsOf(records)).toBe('wwiiisssswwiiissss');
    expect(records.map(({ segment }) => segment).at(-1)).toBe(1);
    expect(records.at(-1)?.atMs).toBeGreaterThan(before.at(-1)?.atMs ?? 0);
    expect(verdictOf(facts(records))).toBe('flat');
  });
});

describe('a soak of a day', { timeout: 60_000 }, () => {
  it('stays as small in memory and on disk as it began', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const folder = mkdtempSync(join(tmpdir(), 'soak-day-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const plan = planOf({ forMs: 24 * HOUR_MS, stillMs: STILL_MS });
    const events = 10_000;
    const subject = replayed(events, () => 11, plan.workMs);
    const recorder = soakRecorder(join(folder, 'history.ndjson'));
    const latencies = new LatencyHistogram();
    // What a scenario's requests leave in hanglab itself.
    const working: Subject = {
      ...subject,
      async work(size, signal) {
        for (let i = 0; i < size * events; i++) {
          const atMs = subject.clock.nowMs() + i;
          recorder.record({ kind: 'note', text: `request ${i} of a round, with some words` }, atMs);
          latencies.add(1 + (i % 50));
        }
        return subject.work(size, signal);
      },
    };
    const store = newStore(folder, { some: 'settings' });
    const own: { operations: number; bytes: number }[] = [];
    const records = await soak(subject, {
      subject: working,
      plan,
      onRound(record, parts) {
        store.add(record, parts);
        collect();
        own.push({ operations: subject.operations(), bytes: process.memoryUsage().heapUsed });
      },
    });
    expect(records.at(-1)?.atMs).toBeGreaterThan(20 * HOUR_MS);
    expect(records.at(-1)?.atMs).toBeLessThan(25 * HOUR_MS);

    recorder.writeLast();
    const sizes = readdirSync(folder).map((name) => statSync(join(folder, name)).size);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(2_000_000);
    expect(openStore(folder).records).toHaveLength(records.length);

    const [start, ...rounds] = own.slice(6).map(({ operations, bytes }, i, all) => ({
      operations: operations - (all[i - 1]?.operations ?? 0),
      value: bytes,
      isDouble: false,
    }));
    const series = { idle: [], segments: [{ start: start?.value ?? 0, rounds }] };
    const judged = judgeSoak(new Map([['own heap', { series, scale: HEAP }]])).get('own heap');
    expect(judged).toMatchObject({ verdict: 'flat' });
  });
});
