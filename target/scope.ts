/** The bounds of one piece of work: its deadline, and a way to cancel it earlier. */
import { monotonicMs } from '../harness/platform/clock.ts';

export interface Scope {
  readonly signal: AbortSignal;
  /** Milliseconds left until the deadline; Infinity without one. */
  remainingMs(): number;
}

export interface OwnedScope extends Scope, Disposable {
  /** Cancels the work; waiting parts reject with `reason`. */
  end(reason: Error): void;
}

/** A scope of `limitMs` (Infinity: none), ended earlier by `end` or by any of `signals`. */
export function openScope(
  limitMs: number,
  pastDeadline: () => Error,
  signals: readonly AbortSignal[] = [],
): OwnedScope {
  const own = new AbortController();
  const deadlineAtMs = monotonicMs() + limitMs;
  const timer = Number.isFinite(limitMs)
    ? setTimeout(() => own.abort(pastDeadline()), limitMs)
    : undefined;
  return {
    signal: signals.length > 0 ? AbortSignal.any([own.signal, ...signals]) : own.signal,
    remainingMs: () => deadlineAtMs - monotonicMs(),
    end: (reason) => own.abort(reason),
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}

/** Settles as `work` does, or rejects with the signal's reason as soon as it is aborted. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    work.catch(() => {});
    return Promise.reject(signal.reason);
  }
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** Waits for `ms`, or rejects with the signal's reason. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  return new Promise<void>((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
