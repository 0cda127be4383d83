/**
 * `progress`: as long as there is accepted work to do, some of it is finished now and then. A server that
 * goes on for longer than a request may take without finishing anything, with nothing to wait for outside,
 * is deadlocked.
 */
import { formatMs } from '../../platform/duration.ts';
import { plural } from '../../platform/plural.ts';
import { type Check, check, type FindingOf, inMs } from '../check.ts';
import type { RunSoFar } from '../judging/run-so-far.ts';
import { requestLimitMs } from './every-request-ends.ts';
import { type Standstill, StandstillFold } from './standstills.ts';

interface State {
  fold: StandstillFold;
  wasTold: boolean;
  hasUpstream: boolean;
}

export function progress(): Check {
  return check<State>({
    name: 'progress',
    conclusive: true,
    needs: ['progress', 'write'],
    start: () => ({ fold: new StandstillFold(), wasTold: false, hasUpstream: false }),
    on: {
      request: ({ fold }, event, run) => fold.onRequest(event, run),
      'request-end': ({ fold }, event, run) => fold.onRequestEnd(event, run),
      progress(state, event, run) {
        state.wasTold ||= event.progress !== null;
        state.fold.onProgress(event, run);
      },
      'model-start'(state) {
        state.hasUpstream = true;
      },
    },
    finding: (state, run) => judgeProgress(state, run),
  });
}

function judgeProgress({ fold, wasTold, hasUpstream }: State, run: RunSoFar): FindingOf {
  const limitMs = requestLimitMs(run.limits);
  const current = fold.current(run);
  const longest = longer(fold.longest, current);
  const flatMs = longest?.trustedMs ?? 0;
  const base = {
    phase: longest ? run.phaseAt(longest.fromMs) : null,
    measured: inMs(flatMs),
    limit: inMs(limitMs),
  };
  if (longest && flatMs > limitMs) {
    const work = plural(longest.openWork, 'accepted item');
    const writes = plural(longest.openWrites, 'unanswered write');
    const upstream = hasUpstream ? `; ${upstreamText(longest.upstreamCalls)}` : '';
    const message = `nothing was finished for ${formatMs(flatMs)} while ${work} and ${writes} waited${upstream}`;
    return { ...base, verdict: 'fail', message };
  }
  const wallMs = longest ? longest.toMs - longest.fromMs : 0;
  if (run.complete && wallMs > limitMs) {
    const message = `nothing moved for ${formatMs(wallMs)}, but the machine was too slow to hold it against the target`;
    return { ...base, verdict: 'inconclusive', message };
  }
  if (run.complete && !wasTold) {
    const message = 'the target never told its progress';
    return { ...base, verdict: 'inconclusive', message };
  }
  return {
    ...base,
    verdict: 'pass',
    message: `accepted work kept moving, the longest standstill was ${formatMs(flatMs)}`,
    mayStillFail: current !== null && current.trustedMs > limitMs / 3,
  };
}

function longer(a: Standstill | null, b: Standstill | null): Standstill | null {
  if (!a || !b) return a ?? b;
  return b.trustedMs > a.trustedMs ? b : a;
}

function upstreamText(calls: number): string {
  return calls === 0 ? 'the model is idle' : `${plural(calls, 'request')} at the model`;
}
