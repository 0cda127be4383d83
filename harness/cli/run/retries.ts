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

/** @throws what `runOne` throws, except when it is the deadline that has ended the run. */
export async function runUntilClear(
  one: OneRun,
  retries: number,
  deadline: Deadline,
): Promise<Ran> {
  const { label, view } = one;
  let last: Ran | null = null;
  for (let attempts = 1; ; attempts++) {
    const result = await runBefore(deadline, one);
    // The attempt that the deadline cut off says less than the one before it.
    if (result === null) return last ?? cutOff(one, deadline);
    last = { ...result, attempts };
    if (result.verdict !== 'inconclusive' || attempts > retries) return last;
    view.note(`${label}: inconclusive, tried again (${attempts} of at most ${retries} times)`);
  }
}

/** null when the deadline is over before there is a verdict. */
async function runBefore(deadline: Deadline, one: OneRun): Promise<Ran | null> {
  const interrupted = one.context.interrupts.signal;
  if (deadline.signal.aborted) return null;
  try {
    return await runOne({ ...one, signal: AbortSignal.any([interrupted, deadline.signal]) });
  } catch (error) {
    if (interrupted.aborted || !deadline.signal.aborted) throw error;
    return null;
  }
}

/** What is reported of a scenario for which the time was too short. */
function cutOff({ name, variant, label, settings, view }: OneRun, { signal }: Deadline): Ran {
  const finding: Finding = {
    check: 'harness-trusted',
    verdict: 'inconclusive',
    phase: null,
    message: `no verdict: ${(signal.reason as Error).message}`,
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
