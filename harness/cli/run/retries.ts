/**
 * Runs a scenario until its verdict is clear: again while it is inconclusive, as often as
 * `--retry-inconclusive` says, and never beyond `--timeout`.
 */
import type { Finding } from '../../checks/check.ts';
import { formatMs } from '../../platform/duration.ts';
import { HanglabError } from '../../platform/errors.ts';
import type { Ran } from '../../report/run-json.ts';
import { type OneRun, runOne } from './run-one.ts';

/** The end of the time that all scenarios have together. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
  /** Infinity without a limit. */
  remainingMs(): number;
}

/** @param timeoutMs null: there is none. */
export function startDeadline(timeoutMs: number | null): Deadline {
  const controller = new AbortController();
  if (timeoutMs === null) {
    return {
      signal: controller.signal,
      remainingMs: () => Number.POSITIVE_INFINITY,
      [Symbol.dispose]() {},
    };
  }
  const endsAtMs = performance.now() + timeoutMs;
  const message = `the --timeout of ${formatMs(timeoutMs)} for all scenarios together was over`;
  const timer = setTimeout(
    () => controller.abort(new HanglabError('timed-out', message)),
    timeoutMs,
  );
  return {
    signal: controller.signal,
    remainingMs: () => Math.max(0, endsAtMs - performance.now()),
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}

/** @throws what `runOne` throws, except when the deadline or an interruption has ended the run. */
export async function runUntilClear(
  one: OneRun,
  retries: number,
  deadline: Deadline,
): Promise<Ran> {
  const { label, view } = one;
  let last: Ran | null = null;
  for (let attempts = 1; ; attempts++) {
    const result = await runBefore(deadline, one);
    // The attempt that was cut off says less than the one before it.
    if (result === null) return last ?? cutOff(one, deadline);
    last = { ...result, attempts };
    if (result.verdict !== 'inconclusive' || attempts > retries) return last;
    view.note(`${label}: inconclusive, tried again (${attempts} of at most ${retries} times)`);
  }
}

/** null when the deadline is over, or the run is interrupted, before there is a verdict. */
async function runBefore(deadline: Deadline, one: OneRun): Promise<Ran | null> {
  const interrupted = one.context.interrupts.signal;
  const signal = AbortSignal.any([interrupted, deadline.signal]);
  if (signal.aborted) return null;
  try {
    return await runOne({ ...one, signal });
  } catch (error) {
    if (!signal.aborted) throw error;
    return null;
  }
}

/** What is reported of a scenario for which the time was too short. */
function cutOff(one: OneRun, { signal }: Deadline): Ran {
  const { name, variant, label, settings, view, context } = one;
  const why = context.interrupts.signal.aborted
    ? 'the run was interrupted'
    : (signal.reason as Error).message;
  const finding: Finding = {
    check: 'harness-trusted',
    verdict: 'inconclusive',
    phase: null,
    message: `no verdict: ${why}`,
    measured: null,
    limit: null,
  };
  const entry: Ran = {
    ...{ name, defect: variant, seed: settings.seed, verdict: 'inconclusive', durationMs: 0 },
    ...{ findings: [finding], diagnosis: null, toxiproxy: null, reportFolder: null },
  };
  view.done(label, entry);
  return entry;
}
