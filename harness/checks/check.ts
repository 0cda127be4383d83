/**
 * What a check is: a fold over the events of a run. It keeps the little state it needs, so that judging
 * costs the same after an hour as after a minute, and it is pure: no I/O, no clock, so that an old
 * history can be judged again.
 */
import type { EventKind, EventOf, Phase } from '../history/events.ts';
import type { Need } from '../target/needs.ts';
import type { CheckId } from './check-ids.ts';
import { copyOf } from './judging/copy-state.ts';
import type { RunSoFar } from './judging/run-so-far.ts';

export type Verdict = 'pass' | 'fail' | 'inconclusive';

export interface Quantity {
  value: number;
  unit: string;
}

export interface Finding {
  check: CheckId;
  /** `not-reached`: the run ended before its phase, and it counts for nothing. */
  verdict: Verdict | 'not-reached';
  phase: Phase | null;
  /** One sentence for a person: what was found, where, and what was expected. */
  message: string;
  measured: Quantity | null;
  limit: Quantity | null;
  /** It would fail if things went on as they are: worth waiting for before a run is cut short. */
  mayStillFail?: boolean;
  /**
   * An aggregate passed its limit; nothing is lost or stuck. Without a steady state before the fault this
   * says nothing about the fault, and the finding becomes inconclusive.
   */
  isSlo?: boolean;
  /** A failure that is accepted for now, and why: it is shown, and does not count. */
  known?: string;
}

/** What is done with each kind of event that a check is about. */
export type EventHandlers<State> = {
  [K in EventKind]?: (state: State, event: EventOf<K>, run: RunSoFar) => void;
};

/**
 * `State` is a plain object. What is in its maps, sets and arrays is replaced, never changed in place: the
 * state is copied one level deep to judge what has not settled yet.
 */
export interface CheckSpec<State extends object> {
  name: CheckId;
  /** A failure of it is a hang: nothing will change any more, and the run need not go on. */
  conclusive?: true;
  /** What a target must offer for this check to be judged. */
  needs?: readonly Need[];
  start(): State;
  on: EventHandlers<State>;
  /** Judges what has been seen so far; called many times. */
  finding(state: State, run: RunSoFar): FindingOf;
}

/** A finding without the name of its check, which is known. */
export type FindingOf = Omit<Finding, 'check'>;

/** A check as scenarios hold it, whatever its state. */
export interface Check {
  readonly name: CheckId;
  readonly conclusive: boolean;
  readonly needs: readonly Need[];
  /** Left out where the target does not offer that: see `ifOffered`. */
  readonly ifOffered?: boolean;
  /** A fresh fold. */
  begin(): Fold;
}

export interface Fold {
  step(event: EventOf<EventKind>, run: RunSoFar): void;
  finding(run: RunSoFar): Finding;
  /** The same fold at the same point, to be carried on separately. */
  copy(): Fold;
}

export function check<State extends object>(spec: CheckSpec<State>): Check {
  const { name, conclusive = false, needs = [] } = spec;
  const foldFrom = (state: State): Fold => ({
    step(event, run) {
      const handler = spec.on[event.kind] as
        | ((state: State, event: EventOf<EventKind>, run: RunSoFar) => void)
        | undefined;
      handler?.(state, event, run);
    },
    finding: (run) => ({ check: name, ...spec.finding(state, run) }),
    copy: () => foldFrom(copyOf(state)),
  });
  return { name, conclusive, needs, begin: () => foldFrom(spec.start()) };
}

/** Fail beats inconclusive beats pass. */
export function worst(verdicts: Iterable<Verdict | 'not-reached'>): Verdict {
  let result: Verdict = 'pass';
  for (const verdict of verdicts) {
    if (verdict === 'fail') return 'fail';
    if (verdict === 'inconclusive') result = 'inconclusive';
  }
  return result;
}

/** Milliseconds as a quantity, whole above 10. */
export function inMs(value: number): Quantity {
  return { value: value < 10 ? Math.round(value * 10) / 10 : Math.round(value), unit: 'ms' };
}

/** The check's phase was not reached. */
export function notReached(phase: Phase, why: string): FindingOf {
  const message = `not reached: ${why}`;
  return { verdict: 'not-reached', phase, message, measured: null, limit: null };
}
