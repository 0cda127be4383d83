/** `exits-in-grace`: after SIGTERM the process ends within the time that the target declares, streams or not. */
import { formatMs } from '../../platform/duration.ts';
import { type Check, check, type FindingOf, inMs, notReached } from '../check.ts';
import type { RunSoFar } from '../judging/run-so-far.ts';

interface State {
  askedT: number | null;
  signal: string;
  exitT: number | null;
}

/** Kubernetes' default, where the target declares none. */
const DEFAULT_SHUTDOWN_MS = 30_000;
/** The last of the grace is the process's own to end in. */
const GRANTED = 1.2;

export function exitsInGrace(): Check {
  return check<State>({
    name: 'exits-in-grace',
    needs: ['stop'],
    start: () => ({ askedT: null, signal: '', exitT: null }),
    on: {
      'target-stop'(state, { t, signal }) {
        if (state.askedT === null || state.exitT !== null) {
          Object.assign(state, { askedT: t, signal, exitT: null });
        }
      },
      'target-exit'(state, { t }) {
        if (state.askedT !== null) state.exitT ??= t;
      },
    },
    finding: (state, run) => judgeExit(state, run),
  });
}

function judgeExit({ askedT, signal, exitT }: State, run: RunSoFar): FindingOf {
  const limitMs = GRANTED * (run.limits.shutdownMs ?? DEFAULT_SHUTDOWN_MS);
  const limit = inMs(limitMs);
  if (askedT === null) {
    return { ...notReached('fault', 'the target was never asked to end'), limit };
  }
  const tookMs = run.trusted.betweenMs(askedT, exitT ?? run.nowMs);
  const base = { phase: run.phaseAt(askedT), limit, measured: inMs(tookMs) };
  if (tookMs > limitMs) {
    const state = exitT === null ? 'still runs' : 'ended only';
    const message = `the process ${state} ${formatMs(tookMs)} after ${signal}`;
    return { ...base, verdict: 'fail', message };
  }
  if (exitT === null) {
    const message = `it was watched for ${formatMs(tookMs)} after ${signal} only`;
    return { ...base, verdict: 'inconclusive', message, mayStillFail: true };
  }
  const message = `the process ended ${formatMs(tookMs)} after ${signal}`;
  return { ...base, verdict: 'pass', message };
}
