/**
 * Folds the events of a run through its checks while it goes on.
 *
 * How much of an instant counts is known a little later, when the probes have reported. So events are
 * folded for good only once their time has settled; what is younger is folded into a copy whenever a
 * finding is asked for. That copy is what makes the cost of a finding depend on the last second or two of
 * the run, and not on its length.
 */
import type { HistoryEvent } from '../../history/events.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Check, Finding, Fold } from '../check.ts';
import { RunFacts, type RunSoFar } from './run-so-far.ts';
import { TrustedTimeline } from './trusted-time.ts';

interface Folding {
  check: Check;
  fold: Fold;
  /** Why it cannot be trusted any more: the check itself threw. */
  broken: string | null;
}

export class FoldSession {
  readonly trusted = new TrustedTimeline();
  private readonly facts = new RunFacts();
  private readonly foldings: Folding[];
  /** Events whose time has not settled, in the order of time. */
  private readonly tail: HistoryEvent[] = [];
  private hasBegun = false;

  constructor(checks: readonly Check[]) {
    this.foldings = checks.map((check) => ({ check, fold: check.begin(), broken: null }));
  }

  push(event: HistoryEvent): void {
    this.hasBegun ||= event.kind === 'run';
    this.trusted.step(event);
    let at = this.tail.length;
    while (at > 0 && (this.tail[at - 1] as HistoryEvent).t > event.t) at--;
    this.tail.splice(at, 0, event);
  }

  /**
   * The findings of `checks` (all of them when not given) at `nowMs`, in their order.
   * @param complete the run is over: every event has come.
   */
  findings(nowMs: number, complete: boolean, checks?: ReadonlySet<Check>): Finding[] {
    const wanted = this.foldings.filter(({ check }) => checks?.has(check) ?? true);
    if (!this.hasBegun) return [];
    this.trusted.advanceTo(nowMs);
    this.settle(complete ? Number.POSITIVE_INFINITY : this.trusted.settledUntilMs());
    if (this.tail.length === 0) return this.judge(this.facts, wanted, nowMs, complete);
    const facts = this.facts.copy();
    const copies = wanted.map((folding) => ({ ...folding, fold: folding.fold.copy() }));
    for (const event of this.tail) this.step(event, facts, copies);
    return this.judge(facts, copies, nowMs, complete);
  }

  /** The run at `nowMs`, as far as its events have come. */
  soFar(nowMs: number): RunSoFar {
    const facts = this.facts.copy();
    for (const event of this.tail) facts.step(event);
    this.trusted.advanceTo(nowMs);
    return facts.at(nowMs, false, this.trusted);
  }

  private settle(untilMs: number): void {
    const young = this.tail.findIndex(({ t }) => t >= untilMs);
    const settled = this.tail.splice(0, young < 0 ? this.tail.length : young);
    for (const event of settled) this.step(event, this.facts, this.foldings);
  }

  private step(event: HistoryEvent, facts: RunFacts, foldings: readonly Folding[]): void {
    facts.step(event);
    if (!facts.hasBegun) return;
    const run = facts.at(event.t, false, this.trusted);
    for (const folding of foldings) {
      if (folding.broken !== null) continue;
      try {
        folding.fold.step(event, run);
      } catch (error) {
        folding.broken = messageOf(error);
      }
    }
  }

  private judge(
    facts: RunFacts,
    foldings: readonly Folding[],
    nowMs: number,
    complete: boolean,
  ): Finding[] {
    const run = facts.at(nowMs, complete, this.trusted);
    return foldings.map(({ check, fold, broken }) => {
      if (broken !== null) return brokenFinding(check, broken);
      try {
        return fold.finding(run);
      } catch (error) {
        return brokenFinding(check, messageOf(error));
      }
    });
  }
}

/** A check that throws is an error in hanglab: inconclusive, and said so. */
function brokenFinding(check: Check, why: string): Finding {
  return {
    check: check.name,
    verdict: 'inconclusive',
    phase: null,
    message: `the check itself failed, please report it: ${why}`,
    measured: null,
    limit: null,
  };
}
