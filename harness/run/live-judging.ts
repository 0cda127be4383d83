/** Judges a run while it goes on, and ends it when waiting would change no verdict any more. */
import type { Check, Finding } from '../checks/check.ts';
import type { CheckId } from '../checks/check-ids.ts';
import { marginRatio, type RunJudge } from '../checks/judging/judge.ts';
import type { Recorder } from '../history/recorder.ts';
import type { Scenario } from '../scenario/scenario.ts';

export interface LiveJudgingOptions {
  /** What has been found so far. */
  onFindings?(findings: readonly Finding[]): void;
  /** In the matrix: stop as soon as this check has failed, by so many times its limit. */
  until?: { check: string; marginRatio: number };
  /** A hang ends the run only when it has gone on for so many times its limit. */
  conclusiveFromRatio?: number;
  /** A hang that is certain does not end the run: its whole course is wanted. */
  neverCut?: boolean;
}

export const JUDGE_EVERY_MS = 125;
/**
 * A failure ends the run only when it has persisted for so long: the samples that tell whether the machine
 * was to blame come up to half a second after what they exclude.
 */
const PERSIST_MS = 500;

export class LiveJudging implements Disposable {
  readonly judge: RunJudge;
  /** When each check began to fail, in milliseconds since the run began; those that recovered are out. */
  readonly failedAtMs: Partial<Record<CheckId, number>> = {};
  private readonly conclusive: ReadonlySet<CheckId>;
  private readonly recorder: Recorder;
  private readonly options: LiveJudgingOptions;
  private readonly onConclusive: () => void;
  private readonly timer: NodeJS.Timeout;

  /**
   * @param judge sees every event of the run from its begin on.
   * @param onConclusive called when the run may end.
   */
  constructor(
    judge: RunJudge,
    scenario: Scenario,
    recorder: Recorder,
    options: LiveJudgingOptions,
    onConclusive: () => void,
  ) {
    this.judge = judge;
    this.recorder = recorder;
    this.options = options;
    this.onConclusive = onConclusive;
    const isConclusive = ({ conclusive }: Check): boolean => conclusive;
    this.conclusive = new Set(scenario.always.filter(isConclusive).map(({ name }) => name));
    this.timer = setInterval(() => this.judgeNow(), JUDGE_EVERY_MS);
  }

  /** Checks that fail, and have failed for long enough to be believed. */
  persistent(): CheckId[] {
    return (Object.keys(this.failedAtMs) as CheckId[]).filter((check) => this.hasPersisted(check));
  }

  /** Something is lost or stuck, beyond any doubt; an aggregate that passed its limit is no such thing. */
  isStuck(): boolean {
    const stuck = this.judge
      .live(this.recorder.elapsedMs())
      .filter(({ verdict, isSlo }) => verdict === 'fail' && !isSlo);
    return stuck.some(({ check }) => this.hasPersisted(check));
  }

  private judgeNow(): void {
    const { until, conclusiveFromRatio = 0, neverCut = false, onFindings } = this.options;
    const nowMs = this.recorder.elapsedMs();
    const findings = this.judge.live(nowMs);
    if (findings.length === 0) return;
    for (const { check, verdict } of findings) {
      if (verdict === 'fail') this.failedAtMs[check] ??= Math.round(nowMs);
      else delete this.failedAtMs[check];
    }
    onFindings?.(findings);
    if (until) {
      const named = findings.find(({ check }) => check === until.check);
      const isFar = named && marginRatio(named) >= until.marginRatio;
      if (isFar && this.hasPersisted(named.check)) this.onConclusive();
      return;
    }
    if (neverCut || findings.some(({ mayStillFail }) => mayStillFail)) return;
    const isOver = findings.some(
      (finding) =>
        this.conclusive.has(finding.check) &&
        this.hasPersisted(finding.check) &&
        marginRatio(finding) >= conclusiveFromRatio,
    );
    if (isOver) this.onConclusive();
  }

  private hasPersisted(check: CheckId): boolean {
    const failedAtMs = this.failedAtMs[check] ?? Number.POSITIVE_INFINITY;
    return this.recorder.elapsedMs() - failedAtMs >= PERSIST_MS;
  }

  [Symbol.dispose](): void {
    clearInterval(this.timer);
  }
}
