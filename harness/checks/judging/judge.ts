/** From a run's events to its findings: all checks of a scenario, each where its phase was reached. Pure. */
import type { EventOf, HistoryEvent, Phase } from '../../history/events.ts';
import type { History } from '../../history/history.ts';
import type { Check, Finding } from '../check.ts';
import { faultFired } from '../run/fault-fired.ts';
import { harnessTrusted } from '../run/harness-trusted.ts';
import { FoldSession } from './fold-session.ts';
import type { RunSoFar } from './run-so-far.ts';

/** What of a scenario is needed to judge a run of it. */
export interface JudgedScenario {
  readonly faults: readonly { readonly name: string }[];
  readonly steadyState: readonly Check[];
  readonly always: readonly Check[];
  readonly afterRecovery: readonly Check[];
  readonly afterQuiesce: readonly Check[];
}

/** Judges one run of a scenario, live or after it. */
export class RunJudge {
  private readonly session: FoldSession;
  private readonly steadySession: FoldSession;
  private readonly always: ReadonlySet<Check>;
  private readonly own: readonly Check[];
  private readonly scenario: JudgedScenario;
  private readonly reached = new Set<Phase>();
  private phase: Phase | null = null;
  private baselineEndMs: number | null = null;
  private death: { event: EventOf<'target-exit'>; phase: Phase | null } | null = null;

  constructor(scenario: JudgedScenario) {
    this.scenario = scenario;
    this.own = [faultFired(scenario.faults.map(({ name }) => name)), harnessTrusted()];
    this.always = new Set(scenario.always);
    const { always, afterRecovery, afterQuiesce } = scenario;
    this.session = new FoldSession([...always, ...afterRecovery, ...afterQuiesce, ...this.own]);
    this.steadySession = new FoldSession(scenario.steadyState);
  }

  push(event: HistoryEvent): void {
    this.session.push(event);
    if (event.kind === 'phase') {
      if (this.phase === 'baseline') this.baselineEndMs = event.t;
      this.reached.add(event.phase);
      this.phase = event.phase;
    }
    if (event.kind === 'target-exit' && !event.expected) {
      this.death ??= { event, phase: this.phase };
    }
    if (this.isOfSteadyState(event)) this.steadySession.push(event);
  }

  /** What the checks that are judged all the time say at `nowMs`. */
  live(nowMs: number): Finding[] {
    return this.session.findings(nowMs, false, this.always);
  }

  /** What is open at `nowMs`: requests, work, calls at upstreams. */
  soFar(nowMs: number): RunSoFar {
    return this.session.soFar(nowMs);
  }

  /** The findings that fail in baseline at `nowMs`: the state before the fault is not steady. */
  unsteady(nowMs: number): Finding[] {
    if (!this.reached.has('baseline')) return [];
    const untilMs = Math.min(nowMs, this.baselineEndMs ?? nowMs);
    return this.steadySession
      .findings(untilMs, false)
      .filter(({ verdict }) => verdict === 'fail')
      .map((finding) => ({
        ...finding,
        verdict: 'inconclusive' as const,
        message: `no steady state, so nothing was injected: ${finding.message}`,
      }));
  }

  /**
   * All findings of a run that has ended.
   * @param completed whether it went through all its phases; one that was cut short can only be sure of a
   * failure, and of nothing that counts what is left.
   */
  final(nowMs: number, completed: boolean): Finding[] {
    const { always, afterRecovery, afterQuiesce } = this.scenario;
    const findings = this.session.findings(nowMs, true);
    const take = (checks: readonly Check[]): Finding[] => findings.splice(0, checks.length);
    const judged = [
      ...take(always),
      ...this.later(take(afterRecovery), 'recovery', completed),
      ...this.later(take(afterQuiesce), 'quiesce', completed),
      ...findings,
    ];
    const dead = this.death === null ? judged : withDeath(judged, this.death);
    const settled = this.reached.has('fault') ? dead : this.withoutFault(dead, nowMs);
    const failed = settled.some(({ verdict }) => verdict === 'fail');
    if (completed || failed || !this.reached.has('fault')) return settled;
    return [...settled, endedForNothing()];
  }

  private later(
    findings: readonly Finding[],
    phase: 'recovery' | 'quiesce',
    completed: boolean,
  ): Finding[] {
    return findings.map((finding) => {
      const isSure = completed || (phase === 'recovery' && finding.verdict === 'fail');
      return this.reached.has(phase) && isSure ? finding : notReachedFinding(finding, phase);
    });
  }

  /**
   * The fault was never injected. What is lost or stuck is a failure all the same; an aggregate that passed
   * its limit says only that there was no steady state.
   */
  private withoutFault(findings: readonly Finding[], nowMs: number): Finding[] {
    const unsteady = this.unsteady(nowMs);
    if (unsteady.length === 0) return [...findings];
    const told = new Set(unsteady.map(({ check }) => check));
    const kept = findings.filter(
      ({ check, verdict, isSlo }) => !told.has(check) || (verdict === 'fail' && !isSlo),
    );
    const failed = kept.filter(({ verdict, isSlo }) => verdict === 'fail' && !isSlo);
    const certain = new Set(failed.map(({ check }) => check));
    return [
      ...unsteady.filter(({ check }) => !certain.has(check)),
      ...kept.map((finding) =>
        finding.isSlo && finding.verdict === 'fail' ? demoted(finding) : finding,
      ),
    ];
  }

  private isOfSteadyState({ kind }: HistoryEvent): boolean {
    if (kind === 'run' || kind === 'phase') return true;
    return this.phase === 'baseline' && this.baselineEndMs === null;
  }
}

/** Every finding over a history: of a run that has just ended, or of one read back from its file. */
export function judge(scenario: JudgedScenario, history: History, completed = true): Finding[] {
  const runJudge = new RunJudge(scenario);
  for (const event of history.events) runJudge.push(event);
  return runJudge.final(history.untilMs, completed);
}

/** The finding of one check over a history. */
export function judgeCheck(check: Check, history: History): Finding {
  const session = new FoldSession([check]);
  for (const event of history.events) session.push(event);
  return session.findings(history.untilMs, history.complete)[0] as Finding;
}

/** A target that ends unexpectedly fails the run, also where the scenario does not judge its health. */
function withDeath(
  findings: readonly Finding[],
  { event, phase }: { event: EventOf<'target-exit'>; phase: Phase | null },
): Finding[] {
  const { code, signal } = event;
  const how = signal ? `signal ${signal}` : `exit code ${code}`;
  // Neither is known of a process that is not hanglab's child, or that did not come up again.
  const what =
    signal === null && code === null
      ? 'the target has gone'
      : `the target exited unexpectedly (${how})`;
  const lines = event.lines.length > 0 ? `; its last lines:\n${event.lines.join('\n')}` : '';
  const message = `${what}${lines}`;
  const death: Finding = {
    check: 'health',
    verdict: 'fail',
    phase,
    message,
    measured: null,
    limit: null,
  };
  return [death, ...findings.filter(({ check }) => check !== 'health')];
}

function demoted(finding: Finding): Finding {
  const message = `no steady state, so nothing was injected: ${finding.message}`;
  return { ...finding, verdict: 'inconclusive', message };
}

function notReachedFinding({ check, verdict, message }: Finding, phase: Phase): Finding {
  const own = verdict === 'not-reached' ? message : `not reached: the run ended before ${phase}`;
  return { check, verdict: 'not-reached', phase, message: own, measured: null, limit: null };
}

/** What had ended the run turned out to be the machine's fault when all samples were in. */
function endedForNothing(): Finding {
  return {
    check: 'harness-trusted',
    verdict: 'inconclusive',
    phase: null,
    message: 'the run was ended by a failure that did not stand up to the last samples',
    measured: null,
    limit: null,
  };
}

/** How many times its limit a finding measured; a limit of zero is passed endlessly. */
export function marginRatio({ measured, limit }: Finding): number {
  if (!measured || !limit) return 0;
  return limit.value === 0 ? Number.POSITIVE_INFINITY : measured.value / limit.value;
}
