/** Takes a run through its phases, and ends it early when nothing would change any more. */
import type { CheckId } from '../checks/check-ids.ts';
import type { RunJudge } from '../checks/judging/judge.ts';
import { requestLimitMs } from '../checks/liveness/every-request-ends.ts';
import type { Environment } from '../environment/environment.ts';
import type { Phase } from '../history/events.ts';
import { pause } from '../platform/wait.ts';
import type { RunningProbes } from '../probes/start.ts';
import { phaseDurationsMs, type Scenario } from '../scenario/scenario.ts';
import { audit } from './audit.ts';
import { drained, followProbes, type LastSeen } from './drain.ts';
import { JUDGE_EVERY_MS, LiveJudging, type LiveJudgingOptions } from './live-judging.ts';
import { LoadRunner } from './load-runner.ts';
import { leastRecoveryMs, watchRecovery } from './recovery.ts';
import { settled } from './settle.ts';

export interface PhaseOptions extends LiveJudgingOptions {
  /** Sees every event of the run from its begin on. */
  judge: RunJudge;
  scenario: Scenario;
  scale: number;
  signal: AbortSignal;
  /** Live view: the phase that begins. */
  onPhase?(phase: Phase, durationMs: number | null): void;
  /** Diagnoses the target: called before a fault is healed or a load stopped while a check fails. */
  whileFailing?(failed: readonly CheckId[]): Promise<void>;
}

/** In the matrix a check that fails is watched for as long as its margin may take, in limits of a request. */
const WATCH_ON_LIMITS = 4;
/** Without a steady state a hang shows itself within this, in limits of a request. */
const UNSTEADY_LIMITS = 2;
/** Within this a server has noticed that idle connections were closed: what it holds then is its own. */
const CLOSED_MS = 100;
/** A last sample is waited for no longer than this. */
const LAST_SAMPLE_MS = 2_000;

export class PhaseRunner {
  readonly judging: LiveJudging;
  private readonly options: PhaseOptions;
  private readonly environment: Environment;
  private readonly probes: RunningProbes;
  private readonly seen: LastSeen;
  private isDead = false;
  /** Aborts when the run is to end early: a certain hang, a target that has gone, Ctrl-C. */
  private readonly cut = new AbortController();

  constructor(options: PhaseOptions, environment: Environment, probes: RunningProbes) {
    this.options = options;
    this.environment = environment;
    this.probes = probes;
    this.seen = followProbes(environment);
    const { judge, scenario } = options;
    this.judging = new LiveJudging(judge, scenario, environment.recorder, options, () =>
      this.cut.abort(),
    );
  }

  /** Whether all phases were gone through. */
  async run(): Promise<boolean> {
    const { scenario, signal, scale } = this.options;
    const durations = phaseDurationsMs(scenario, this.environment.declared.limits, scale);
    const abort = (): void => this.cut.abort();
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
    void this.environment.slot.died.then(() => {
      this.isDead = true;
      abort();
    });
    try {
      await using loads = new LoadRunner(scenario.load, this.environment);
      await this.phase('warmup', null, () => this.warmup(loads));
      await this.phase('baseline', durations.baseline, () =>
        this.pass(loads, 'baseline', durations.baseline),
      );
      if (!this.cut.signal.aborted && !this.isSteady()) return await this.unsteady();
      await this.phase('fault', durations.fault, () => this.withFaults(loads, durations.fault));
      await this.phase('recovery', durations.recovery, () =>
        this.recover(loads, durations.recovery),
      );
      await loads[Symbol.asyncDispose]();
      await this.phase('quiesce', null, () => this.quiesce());
      return !this.cut.signal.aborted;
    } finally {
      this.judging[Symbol.dispose]();
      this.seen[Symbol.dispose]();
      signal.removeEventListener('abort', abort);
      await Promise.race([this.probes.sampleNow(), pause(LAST_SAMPLE_MS, signal)]);
    }
  }

  private async phase(
    phase: Phase,
    durationMs: number | null,
    body: () => Promise<void>,
  ): Promise<void> {
    if (this.cut.signal.aborted) return;
    this.environment.recorder.record({ kind: 'phase', phase });
    this.options.onPhase?.(phase, durationMs);
    await body();
  }

  private async warmup(loads: LoadRunner): Promise<void> {
    await loads.warmup(this.cut.signal);
    await drained(this.environment, this.seen, this.cut.signal);
    this.environment.sender.closeIdle();
    await pause(CLOSED_MS, this.cut.signal);
    if (!this.cut.signal.aborted) await this.probes.sampleNow();
    else await this.diagnoseIfFailing();
  }

  private isSteady(): boolean {
    return this.judging.judge.unsteady(this.environment.recorder.elapsedMs()).length === 0;
  }

  /**
   * Nothing is injected. What is only slow proves nothing; what hangs shows it when its limit has passed, so
   * it is waited for that long, with the load still on.
   */
  private async unsteady(): Promise<false> {
    const { recorder, declared } = this.environment;
    const limitMs = UNSTEADY_LIMITS * requestLimitMs(declared.limits);
    const deadlineMs = recorder.elapsedMs() + limitMs;
    while (!this.cut.signal.aborted && recorder.elapsedMs() < deadlineMs) {
      if (this.judging.isStuck()) break;
      if (this.hasRecovered()) return false;
      await pause(JUDGE_EVERY_MS, this.cut.signal);
    }
    await this.diagnoseIfFailing();
    return false;
  }

  /** Every request has ended, and the health endpoint answers: what made baseline unsteady did not hang. */
  private hasRecovered(): boolean {
    return this.environment.requests.openCount === 0 && !this.isInTrouble();
  }

  private isInTrouble(): boolean {
    if (this.seen.health && !this.seen.health.answered) return true;
    return this.judging.judge
      .live(this.environment.recorder.elapsedMs())
      .some(({ mayStillFail, verdict, isSlo }) => mayStillFail || (verdict === 'fail' && !isSlo));
  }

  /** Starts what belongs to `phase`, and waits for its time, or until all that ends with it has been sent. */
  private async pass(
    loads: LoadRunner,
    phase: Phase,
    ms: number,
    enough?: AbortSignal,
  ): Promise<void> {
    loads.start(phase);
    const over = new AbortController();
    const stop = (): void => over.abort();
    this.cut.signal.addEventListener('abort', stop);
    enough?.addEventListener('abort', stop);
    void loads.sent(phase)?.then(stop);
    if (!this.cut.signal.aborted) await pause(ms, over.signal);
    await this.untilMargin();
    this.cut.signal.removeEventListener('abort', stop);
    await this.diagnoseIfFailing();
    loads.stopAfter(phase);
  }

  /** Ends before its time when the server has recovered: on a limit of 30 s nobody would wait for it. */
  private async recover(loads: LoadRunner, durationMs: number): Promise<void> {
    const { environment, options, cut } = this;
    const { recorder, declared } = environment;
    const nowMs = recorder.elapsedMs();
    const openBefore = options.judge.soFar(nowMs).openRequests.keys();
    using watch = watchRecovery(recorder, openBefore);
    const earliestMs = nowMs + leastRecoveryMs(declared.limits) * options.scale;
    const recovered = new AbortController();
    const over = AbortSignal.any([cut.signal, recovered.signal]);
    const watching = (async () => {
      while (!over.aborted) {
        await pause(JUDGE_EVERY_MS, over);
        if (recorder.elapsedMs() < earliestMs) continue;
        if (watch.hasRecovered() && !this.isInTrouble()) recovered.abort();
      }
    })();
    await this.pass(loads, 'recovery', durationMs, recovered.signal);
    recovered.abort();
    await watching;
  }

  private async withFaults(loads: LoadRunner, durationMs: number): Promise<void> {
    const { faults } = this.options.scenario;
    const { environment } = this;
    const { recorder } = environment;
    await using injected = new AsyncDisposableStack();
    const inForce = [];
    for (const { name, inject } of faults) {
      const fault = await inject(environment);
      inForce.push({ name, fault });
      recorder.record({ kind: 'fault', fault: name, event: 'injected', detail: null });
      injected.defer(async () => {
        await fault[Symbol.asyncDispose]();
        recorder.record({ kind: 'fault', fault: name, event: 'healed', detail: null });
      });
    }
    await this.pass(loads, 'fault', durationMs);
    for (const { name, fault } of inForce) {
      const detail = await fault.evidence();
      if (detail) recorder.record({ kind: 'fault', fault: name, event: 'took-effect', detail });
    }
  }

  /** In the matrix: a check that fails is watched on, so that its margin is measured before the heal. */
  private async untilMargin(): Promise<void> {
    const { until, scale } = this.options;
    const { recorder, declared } = this.environment;
    const limitMs = WATCH_ON_LIMITS * requestLimitMs(declared.limits) * scale;
    const deadlineMs = recorder.elapsedMs() + limitMs;
    while (until && !this.cut.signal.aborted && recorder.elapsedMs() < deadlineMs) {
      if (this.judging.failedAtMs[until.check as CheckId] === undefined) return;
      await pause(JUDGE_EVERY_MS, this.cut.signal);
    }
  }

  /** Not one that has died, or is about to be ended with us. */
  private async diagnoseIfFailing(): Promise<void> {
    if (this.options.signal.aborted || this.isDead) return;
    const failed = this.judging.persistent();
    if (failed.length > 0) await this.options.whileFailing?.(failed);
  }

  private async quiesce(): Promise<void> {
    const { environment, seen, cut } = this;
    await drained(environment, seen, cut.signal);
    if (cut.signal.aborted) return;
    await audit(environment, cut.signal);
    environment.sender.closeIdle();
    await settled(environment, seen, this.probes, cut.signal);
  }
}
