/** The course of a run through its phases, and whatever cuts it short. */

import type { CheckId, Finding } from '../checks/check.ts';
import { judgeSafely, marginTimes, steadyStateFailures } from '../checks/judge.ts';
import { allowance } from '../checks/leaks/count-back.ts';
import { requestLimitMs } from '../checks/liveness/every-request-ends.ts';
import { type History, type Phase, phasesOf } from '../history/history.ts';
import { pause, unlessStopped } from '../load/load.ts';
import type { RunningProbes } from '../probes/start.ts';
import { phaseDurationsMs, type Scenario } from '../scenario/scenario.ts';
import { audit } from './audit.ts';
import type { Environment } from './environment.ts';

export interface CourseOptions {
  scenario: Scenario;
  scale: number;
  signal: AbortSignal;
  /** Live view: the phase that begins, and what has been found so far. */
  onPhase?(phase: Phase, durationMs: number | null): void;
  onFindings?(findings: Finding[], history: History): void;
  /** Looks into the target: called before a fault is healed or a load stopped while a check fails. */
  whileFailing?(failed: CheckId[]): Promise<void>;
  /** In the matrix: stop as soon as this check has failed, by so many times its limit. */
  until?: { check: string; marginTimes: number };
  /** A hang ends the run only when it has gone on for so many times its limit. */
  certainFromTimes?: number;
}

const JUDGE_EVERY_MS = 125;
/**
 * A failure ends the run only when it has stood for so long: the samples that tell whether the machine was
 * to blame come up to half a second after what they void.
 */
const STANDS_AFTER_MS = 500;
/** Three times the longest limit of the bundled target, and what comes before a failure stands. */
const WATCH_ON_LIMIT_MS = 12_000;
/** What has not drained by then is not going to; `progress` has said so long before. */
const QUIESCE_LIMIT_MS = 60_000;
/** Idle sockets and pools are given this long to go back before they are counted. */
const SETTLE_LIMIT_MS = 6_000;

/** The phases, and whatever cuts them short. */
export class Course {
  private readonly options: CourseOptions;
  private readonly environment: Environment;
  private readonly probes: RunningProbes;
  /** When each check began to fail, in milliseconds since the run began; those that recovered are out. */
  readonly failedAtMs: Record<string, number> = {};
  private isDead = false;
  /** Aborts when the run is to end early: a certain hang, a target that has gone, Ctrl-C. */
  private readonly cut = new AbortController();

  constructor(options: CourseOptions, environment: Environment, probes: RunningProbes) {
    this.options = options;
    this.environment = environment;
    this.probes = probes;
  }

  /** Whether all phases were gone through. */
  async run(): Promise<boolean> {
    const { scenario, signal, scale } = this.options;
    const { target } = this.environment;
    const durations = phaseDurationsMs(scenario, target.limits, scale);
    const abort = (): void => this.cut.abort();
    signal.addEventListener('abort', abort);
    void this.environment.slot.died.then(() => {
      this.isDead = true;
      abort();
    });
    const watch = setInterval(() => this.judgeNow(), JUDGE_EVERY_MS);
    try {
      await this.phase('warmup', null, () => this.warmup());
      await using loads = this.startLoads();
      await this.phase('baseline', durations.baseline, () =>
        loads.pause('baseline', durations.baseline),
      );
      if (!this.cut.signal.aborted && !this.isSteady()) return false;
      await this.phase('fault', durations.fault, () => this.withFaults(loads, durations.fault));
      await this.phase('recovery', durations.recovery, () =>
        loads.pause('recovery', durations.recovery),
      );
      await loads[Symbol.asyncDispose]();
      await this.phase('quiesce', null, () => this.quiesce());
      return !this.cut.signal.aborted;
    } finally {
      clearInterval(watch);
      signal.removeEventListener('abort', abort);
      await Promise.race([this.probes.sampleNow(), pause(2000, signal)]);
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

  private async warmup(): Promise<void> {
    for (const load of this.options.scenario.load)
      await load.warmup(this.environment, this.cut.signal);
    await this.drained();
    await this.probes.sampleNow();
  }

  private isSteady(): boolean {
    const { scenario } = this.options;
    return steadyStateFailures(scenario, this.environment.recorder.history()).length === 0;
  }

  /** Each load runs from its first phase to its last; a phase waits for those that end by themselves. */
  private startLoads() {
    const { environment } = this;
    const running = this.options.scenario.load.map((load) => ({
      load,
      stop: new AbortController(),
      done: null as Promise<void> | null,
    }));
    return {
      /** Starts and stops what belongs to `phase`, and waits: `ms`, or until all that end with it have ended. */
      pause: async (phase: Phase, ms: number): Promise<void> => {
        for (const entry of running) {
          if (entry.load.during.includes(phase)) {
            entry.done ??= entry.load.run(environment, entry.stop.signal);
          }
        }
        const own = running.filter(
          ({ load }) => load.during.includes(phase) && load.during.length === 1 && !load.endless,
        );
        const over = new AbortController();
        const stop = (): void => over.abort();
        this.cut.signal.addEventListener('abort', stop);
        if (own.length > 0) void Promise.all(own.map(({ done }) => done)).then(stop);
        if (!this.cut.signal.aborted) await pause(ms, over.signal);
        await this.untilFarBeyond();
        this.cut.signal.removeEventListener('abort', stop);
        await this.lookIfFailing();
        for (const { load, stop: stopLoad } of running) {
          if (this.cut.signal.aborted || load.during.at(-1) === phase) stopLoad.abort();
        }
      },
      [Symbol.asyncDispose]: async (): Promise<void> => {
        for (const { stop } of running) stop.abort();
        await Promise.all(running.map(({ done }) => done));
      },
    };
  }

  private async withFaults(
    loads: { pause(phase: Phase, ms: number): Promise<void> },
    durationMs: number,
  ): Promise<void> {
    const { faults } = this.options.scenario;
    const { environment } = this;
    const { recorder } = environment;
    await using injected = new AsyncDisposableStack();
    for (const fault of faults) {
      const cure = await fault.inject(environment);
      recorder.record({ kind: 'fault', fault: fault.name, event: 'injected', detail: null });
      injected.defer(async () => {
        await cure[Symbol.asyncDispose]();
        recorder.record({ kind: 'fault', fault: fault.name, event: 'healed', detail: null });
      });
    }
    await loads.pause('fault', durationMs);
    for (const fault of faults) {
      const detail = await fault.fired(environment);
      if (detail) recorder.record({ kind: 'fault', fault: fault.name, event: 'fired', detail });
    }
  }

  /** In the matrix: a check that fails is watched on, so that its margin is measured before the cure. */
  private async untilFarBeyond(): Promise<void> {
    const { until, scale } = this.options;
    const { recorder } = this.environment;
    const deadline = recorder.elapsedMs() + WATCH_ON_LIMIT_MS * scale;
    while (until && !this.cut.signal.aborted && recorder.elapsedMs() < deadline) {
      if (this.failedAtMs[until.check] === undefined) return;
      await pause(JUDGE_EVERY_MS, this.cut.signal);
    }
  }

  /** Not into one that has died, or is about to be ended with us. */
  private async lookIfFailing(): Promise<void> {
    if (this.options.signal.aborted || this.isDead) return;
    const failed = Object.keys(this.failedAtMs).filter((check) => this.stands(check));
    if (failed.length > 0) await this.options.whileFailing?.(failed as CheckId[]);
  }

  private async quiesce(): Promise<void> {
    await this.drained();
    if (this.cut.signal.aborted) return;
    await audit(this.environment, this.cut.signal);
    await this.settled();
  }

  /** Until every request has ended and all accepted work has arrived; `progress` judges the waiting. */
  private async drained(): Promise<void> {
    const { environment } = this;
    const sinceMs = environment.recorder.elapsedMs();
    const deadline = sinceMs + QUIESCE_LIMIT_MS * environment.scale;
    const standstillMs = 2 * requestLimitMs(environment.recorder.history());
    let moved = { settled: -1, atMs: sinceMs };
    while (!this.cut.signal.aborted && environment.recorder.elapsedMs() < deadline) {
      const last = environment.recorder.history().of('progress').at(-1);
      const rows = last?.progress?.rows;
      const unfinished = (rows?.pending ?? 0) + (rows?.processing ?? 0);
      // Only a sample that was taken after the last request ended can say that nothing is left.
      const fresh = last !== undefined && last.t - last.latencyMs > sinceMs;
      if (environment.requests.openCount === 0 && fresh && rows && unfinished === 0) return;
      const settled = (rows?.indexed ?? 0) + (rows?.failed ?? 0) - environment.requests.openCount;
      const nowMs = environment.recorder.elapsedMs();
      if (settled !== moved.settled) moved = { settled, atMs: nowMs };
      // Waiting on for what stands still would change no verdict.
      else if (nowMs - moved.atMs > standstillMs) return;
      await pause(100, this.cut.signal);
    }
  }

  /**
   * Waits, for a while, until the descriptors are where they were after warmup: well below what the check
   * allows, so that one more or less in its own sample decides nothing.
   */
  private async settled(): Promise<void> {
    const { recorder } = this.environment;
    const history = recorder.history();
    const { baseline } = phasesOf(history);
    const before = history
      .of('process')
      .findLast(({ t }) => baseline !== undefined && t <= baseline.fromMs);
    const allowed = (before?.fds ?? 0) + allowance(history.of('request').length) / 3;
    const deadline = recorder.elapsedMs() + SETTLE_LIMIT_MS;
    while (!this.cut.signal.aborted && recorder.elapsedMs() < deadline) {
      await unlessStopped(this.probes.sampleNow(), this.cut.signal);
      const now = recorder.history().of('process').at(-1);
      if (now && now.fds <= allowed) return;
      await pause(200, this.cut.signal);
    }
  }

  /** Ends the run once a hang is certain and nothing that is still in doubt would become clear by waiting. */
  private judgeNow(): void {
    const { scenario, until, certainFromTimes = 0, onFindings } = this.options;
    const history = this.environment.recorder.history();
    if (history.of('phase').length === 0) return;
    const judged = scenario.always.map((check) => ({
      check,
      finding: judgeSafely(check, history),
    }));
    const findings = judged.map(({ finding }) => finding);
    for (const { check, verdict } of findings) {
      if (verdict === 'fail') this.failedAtMs[check] ??= Math.round(history.untilMs);
      else delete this.failedAtMs[check];
    }
    onFindings?.(findings, history);
    if (until) {
      const named = findings.find(({ check }) => check === until.check);
      if (named && this.stands(named.check) && marginTimes(named) >= until.marginTimes)
        this.cut.abort();
      return;
    }
    const certain = judged.some(
      ({ check, finding }) =>
        check.certain && this.stands(check.name) && marginTimes(finding) >= certainFromTimes,
    );
    if (certain && !findings.some(({ suspect }) => suspect)) this.cut.abort();
  }

  private stands(check: string): boolean {
    const failedAtMs = this.failedAtMs[check] ?? Number.POSITIVE_INFINITY;
    return this.environment.recorder.elapsedMs() - failedAtMs >= STANDS_AFTER_MS;
  }
}
