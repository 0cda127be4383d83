/** Waits until a target has nothing to do any more. */
import { requestLimitMs } from '../checks/liveness/every-request-ends.ts';
import type { Environment } from '../environment/environment.ts';
import type { EventOf, Progress } from '../history/events.ts';
import { pause } from '../platform/wait.ts';

const POLL_MS = 100;
/** What has not drained after so many limits of a request will not; `progress` has said so long before. */
const MOST_LIMITS = 20;
/** After so many limits without any movement, waiting on would change no verdict. */
const STANDSTILL_LIMITS = 2;

/** What the probes of a run have last seen, for whoever waits for it. */
export interface LastSeen extends Disposable {
  progress: { atMs: number; askedMs: number; counts: Progress | null } | null;
  sample: EventOf<'process'> | null;
  resources: EventOf<'resources'> | null;
  health: EventOf<'health'> | null;
  /** The last sample before baseline. */
  afterWarmup: EventOf<'process'> | null;
}

export function followProbes({ recorder }: Environment): LastSeen {
  let hasBaseline = false;
  const listening = recorder.onEvent((event) => {
    if (event.kind === 'phase') hasBaseline ||= event.phase === 'baseline';
    else if (event.kind === 'process' && event.alive) {
      seen.sample = event;
      if (!hasBaseline) seen.afterWarmup = event;
    } else if (event.kind === 'resources') {
      seen.resources = event;
    } else if (event.kind === 'health') {
      seen.health = event;
    } else if (event.kind === 'progress') {
      const askedMs = event.t - event.latencyMs;
      seen.progress = { atMs: event.t, askedMs, counts: event.progress };
    }
  });
  const seen: LastSeen = {
    progress: null,
    sample: null,
    resources: null,
    health: null,
    afterWarmup: null,
    [Symbol.dispose]: () => listening[Symbol.dispose](),
  };
  return seen;
}

/**
 * Resolves when every request has ended and all accepted work is done, when nothing has moved for long, or
 * when `stop` aborts. Without a source of progress nothing but requests is waited for.
 */
export async function drained(
  { recorder, requests, declared, scale }: Environment,
  seen: LastSeen,
  stop: AbortSignal,
): Promise<void> {
  const limitMs = requestLimitMs(declared.limits);
  const sinceMs = recorder.elapsedMs();
  const deadlineMs = sinceMs + MOST_LIMITS * limitMs * Math.max(1, scale);
  let moved = { settled: -1, atMs: sinceMs };
  while (!stop.aborted && recorder.elapsedMs() < deadlineMs) {
    const open = requests.openCount;
    const { counts = null, askedMs = 0 } = seen.progress ?? {};
    if (open === 0 && declared.progress === null) return;
    // Only a sample that was asked for after the last request ended can say that nothing is left.
    if (open === 0 && counts?.open === 0 && askedMs > sinceMs) return;
    const settled = (counts?.done ?? 0) + (counts?.givenUp ?? 0) - open;
    const nowMs = recorder.elapsedMs();
    if (settled !== moved.settled) moved = { settled, atMs: nowMs };
    else if (nowMs - moved.atMs > STANDSTILL_LIMITS * limitMs) return;
    await pause(POLL_MS, stop);
  }
}
