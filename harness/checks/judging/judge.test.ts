import { describe, expect, test } from 'vitest';
import { type HistoryBuilder, history } from '../../testing/history.ts';
import { check, type Finding } from '../check.ts';
import { fdsBack } from '../leaks/fds-back.ts';
import { everyRequestEnds } from '../liveness/every-request-ends.ts';
import { health } from '../liveness/health.ts';
import { nextRequestSucceeds } from '../liveness/next-request-succeeds.ts';
import { type JudgedScenario, judge, RunJudge } from './judge.ts';

const LIMIT = { p99: '250ms', max: '1s' } as const;

const scenario: JudgedScenario = {
  faults: [{ name: 'llm.stalls' }],
  steadyState: [health(LIMIT)],
  always: [everyRequestEnds(), health(LIMIT)],
  afterRecovery: [nextRequestSucceeds()],
  afterQuiesce: [fdsBack()],
};

const met = {
  kind: 'fault',
  fault: 'llm.stalls',
  event: 'took-effect',
  detail: '3 met it',
} as const;

/** A run through all phases that passes. */
function whole(): HistoryBuilder {
  return history()
    .process(400)
    .phase(500, 'baseline')
    .health(500, 12_000, 8)
    .request(600, 200)
    .phase(2000, 'fault')
    .request(2500, 900)
    .at(5000, met)
    .phase(5000, 'recovery')
    .request(8000, 300)
    .phase(10_000, 'quiesce')
    .process(11_500);
}

const verdicts = (findings: readonly Finding[]): Record<string, string> =>
  Object.fromEntries(findings.map(({ check: id, verdict }) => [id, verdict]));

const exit = { kind: 'target-exit', code: 7, signal: null, expected: false } as const;

describe('a run that went through all its phases', () => {
  test('has a finding of each check, in order, and the two about hanglab itself', () => {
    const findings = judge(scenario, whole().build(12_000));
    expect(findings.map(({ check: id }) => id)).toEqual([
      'every-request-ends',
      'health',
      'next-request-succeeds',
      'fds-back',
      'fault-fired',
      'harness-trusted',
    ]);
    expect(new Set(Object.values(verdicts(findings)))).toEqual(new Set(['pass']));
  });

  test('a fault that no request met makes it inconclusive', () => {
    const unmet = whole().build(12_000);
    const without = { ...unmet, events: unmet.events.filter(({ kind }) => kind !== 'fault') };
    expect(verdicts(judge(scenario, without))['fault-fired']).toBe('inconclusive');
  });

  test('a check that throws is an error in hanglab: inconclusive, beside the others', () => {
    const throws = check({
      name: 'progress',
      start: () => ({}),
      on: {
        request() {
          throw new Error('out of luck');
        },
      },
      finding: () => ({
        ...{ verdict: 'pass', phase: null, message: '', measured: null, limit: null },
      }),
    });
    const findings = judge(
      { ...scenario, always: [throws, everyRequestEnds()] },
      whole().build(12_000),
    );
    expect(findings[0]).toMatchObject({ check: 'progress', verdict: 'inconclusive' });
    expect(findings[0]?.message).toContain('out of luck');
    expect(verdicts(findings)['every-request-ends']).toBe('pass');
  });
});

describe('a run that was cut short', () => {
  const cut = () =>
    history()
      .process(400)
      .phase(500, 'baseline')
      .health(500, 7000, 8)
      .phase(2000, 'fault')
      .request(2500);

  test('is sure of a failure, and of nothing that counts what is left', () => {
    const findings = judge(scenario, cut().build(7000), false);
    expect(verdicts(findings)).toMatchObject({
      'every-request-ends': 'fail',
      'next-request-succeeds': 'not-reached',
      'fds-back': 'not-reached',
    });
  });

  test('keeps a failure of recovery, and drops a pass of it', () => {
    const recovering = (outcome: 'ok' | 'failed') =>
      cut()
        .phase(5000, 'recovery')
        .request(8000, 200, { outcome })
        .health(7000, 9000, 8)
        .build(9000);
    const failed = judge(scenario, recovering('failed'), false);
    expect(verdicts(failed)['next-request-succeeds']).toBe('fail');
    const passed = judge(scenario, recovering('ok'), false);
    expect(verdicts(passed)['next-request-succeeds']).toBe('not-reached');
  });

  test('for a failure that did not stand up to the last samples, it is inconclusive', () => {
    const acquitted = history()
      .phase(500, 'baseline')
      .health(500, 2000, 8)
      .phase(2000, 'fault')
      .health(2000, 7000, 700, 700)
      .request(2500)
      .build(7000);
    const findings = judge(scenario, acquitted, false);
    expect(findings.some(({ verdict }) => verdict === 'fail')).toBe(false);
    expect(findings.at(-1)).toMatchObject({ check: 'harness-trusted', verdict: 'inconclusive' });
  });
});

describe('before any fault', () => {
  test('a slow health endpoint is no steady state: inconclusive, and nothing else is claimed', () => {
    const slow = history().phase(500, 'baseline').health(500, 2500, 600).build(2500);
    const findings = judge(scenario, slow, false);
    expect(verdicts(findings).health).toBe('inconclusive');
    expect(findings[0]?.message).toContain('no steady state, so nothing was injected');
    expect(findings.some(({ verdict }) => verdict === 'fail')).toBe(false);
  });

  test('a target that dies fails, with its last lines', () => {
    for (const phase of ['warmup', 'baseline'] as const) {
      const died = history()
        .phase(500, phase)
        .health(500, 1500, 8)
        .at(1500, { ...exit, lines: ['out of memory'] })
        .build(1600);
      const [first] = judge(scenario, died, false);
      expect(first).toMatchObject({ check: 'health', verdict: 'fail', phase });
      expect(first?.message).toContain('exit code 7');
      expect(first?.message).toContain('out of memory');
    }
  });

  test('a request that hangs fails, in warmup and in baseline, steady or not', () => {
    const warmup = history().phase(0, 'warmup').request(100).build(4000);
    expect(verdicts(judge(scenario, warmup, false))['every-request-ends']).toBe('fail');
    const baseline = history()
      .phase(500, 'baseline')
      .health(500, 5000, 600)
      .request(700)
      .build(5000);
    expect(verdicts(judge(scenario, baseline, false))).toMatchObject({
      'every-request-ends': 'fail',
      health: 'inconclusive',
    });
  });

  test('a health endpoint that hangs fails', () => {
    const builder = history().phase(500, 'baseline').health(500, 1500, 8);
    for (let age = 500; age <= 4000; age += 500) {
      const open = { kind: 'health', intendedT: 1500, answered: false, good: false } as const;
      builder.at(1500 + age, { ...open, latencyMs: age, status: null, controlMs: 1 });
    }
    expect(verdicts(judge(scenario, builder.build(6000), false)).health).toBe('fail');
  });
});

test('a target that ends as it was asked to is no death', () => {
  const asked = whole()
    .at(11_900, { ...exit, expected: true, lines: [] })
    .build(12_000);
  expect(verdicts(judge(scenario, asked)).health).toBe('pass');
});

test('a target that dies fails the run where the scenario does not judge its health', () => {
  const blind = { ...scenario, steadyState: [], always: [everyRequestEnds()] };
  const findings = judge(
    blind,
    whole()
      .at(11_900, { ...exit, lines: [] })
      .build(12_000),
  );
  expect(findings[0]).toMatchObject({ check: 'health', verdict: 'fail', phase: 'quiesce' });
});

describe('judged while it goes on', () => {
  /** As a live run does: events arrive up to 400 ms late, and findings are asked for every 125 ms. */
  function live(builder: HistoryBuilder, untilMs: number): { judge: RunJudge; ticks: Finding[][] } {
    const runJudge = new RunJudge(scenario);
    const late = (t: number): number => t + ((t * 7) % 400);
    const arriving = builder
      .build(untilMs)
      .events.toSorted((a, b) => (a.kind === 'run' ? -1 : late(a.t) - late(b.t)));
    const ticks: Finding[][] = [];
    let at = 0;
    for (let nowMs = 0; nowMs <= untilMs + 500; nowMs += 125) {
      for (; at < arriving.length && late(arriving[at]!.t) <= nowMs; at++)
        runJudge.push(arriving[at]!);
      ticks.push(runJudge.live(nowMs));
    }
    return { judge: runJudge, ticks };
  }

  test('comes to the same findings as afterwards', () => {
    const builder = whole();
    for (let t = 500; t < 12_000; t += 500) {
      builder.process(t, t > 3000 && t < 4000 ? { waitPercent: 60, foreignPercent: 50 } : {});
    }
    const inLive = live(builder, 12_000).judge.final(12_000, true);
    expect(inLive).toEqual(judge(scenario, builder.build(12_000)));
  });

  test('reports a hang as soon as its limit has passed', () => {
    const { ticks } = live(history().phase(0, 'baseline').health(0, 9000, 8).request(1000), 9000);
    const first = ticks.findIndex((findings) => findings.some(({ verdict }) => verdict === 'fail'));
    expect(first * 125).toBeGreaterThan(4000);
    expect(first * 125).toBeLessThanOrEqual(4250);
  });

  test('a tick costs the same after an hour as after a minute', () => {
    const cost = (minutes: number): number => {
      const runJudge = new RunJudge(scenario);
      const untilMs = minutes * 60_000;
      const builder = history().phase(0, 'baseline').health(0, untilMs, 8);
      for (let t = 100; t < untilMs; t += 200) builder.request(t, 90);
      for (let t = 500; t < untilMs; t += 500) builder.process(t);
      const costs: number[] = [];
      let nextMs = 125;
      for (const event of builder.build(untilMs).events) {
        runJudge.push(event);
        if (event.t < nextMs) continue;
        nextMs = event.t + 125;
        const startedAt = performance.now();
        runJudge.live(event.t);
        costs.push(performance.now() - startedAt);
      }
      return costs.slice(-200).sort((a, b) => a - b)[100] as number;
    };
    cost(0.5);
    const [short, long] = [cost(1), cost(20)];
    // Half again for a noisy machine: judging the whole history would make it twenty times.
    expect(long).toBeLessThan(1.5 * short + 0.2);
  });
});
