/** What is in flight at the model and how the latest calls ended: for readiness and metrics. */
import { monotonicMs } from '../../harness/platform/clock.ts';
import type { ModelLink } from './failure.ts';

export interface WatchedCall extends Disposable {
  succeeded(): void;
  failed(): void;
}

export interface LinkState {
  inFlight: number;
  /** Age of the oldest call in flight; 0 when there is none. */
  oldestMs: number;
  /** The oldest call that is a quarter beyond its limit, with that limit; null when there is none. */
  overdue: { ageMs: number; limitMs: number } | null;
  /** Failures in a row, and how long ago the latest was; Infinity when there was none. */
  failuresInARow: number;
  lastFailureAgoMs: number;
}

export interface ModelWatch {
  /** `limitMs`: how long the call may take according to the configuration. */
  begin(link: ModelLink, limitMs: number): WatchedCall;
  state(link: ModelLink): LinkState;
  /** Called for each call that has ended, with its duration in milliseconds. */
  onEnd(listener: (link: ModelLink, ok: boolean, durationMs: number) => void): void;
}

interface Started {
  atMs: number;
  limitMs: number;
}

/** A call this far beyond its limit can only be one without a deadline. */
const OVERDUE = 1.25;

export function modelWatch(): ModelWatch {
  const links = {
    llm: { started: new Set<Started>(), failures: 0, failedAtMs: -Infinity },
    embeddings: { started: new Set<Started>(), failures: 0, failedAtMs: -Infinity },
  };
  const listeners: ((link: ModelLink, ok: boolean, durationMs: number) => void)[] = [];
  return {
    begin(link, limitMs) {
      const state = links[link];
      const call = { atMs: monotonicMs(), limitMs };
      state.started.add(call);
      const ended = (ok: boolean) => {
        for (const listener of listeners) listener(link, ok, monotonicMs() - call.atMs);
      };
      return {
        succeeded() {
          state.failures = 0;
          ended(true);
        },
        failed() {
          state.failures++;
          state.failedAtMs = monotonicMs();
          ended(false);
        },
        [Symbol.dispose]: () => {
          state.started.delete(call);
        },
      };
    },
    state(link) {
      const { started, failures, failedAtMs } = links[link];
      const now = monotonicMs();
      // A set keeps insertion order: its first element is the oldest.
      const oldest = started.values().next().value;
      const overdue = started.values().find(({ atMs, limitMs }) => now - atMs > OVERDUE * limitMs);
      return {
        inFlight: started.size,
        oldestMs: oldest ? now - oldest.atMs : 0,
        overdue: overdue ? { ageMs: now - overdue.atMs, limitMs: overdue.limitMs } : null,
        failuresInARow: failures,
        lastFailureAgoMs: now - failedAtMs,
      };
    },
    onEnd: (listener) => {
      listeners.push(listener);
    },
  };
}
