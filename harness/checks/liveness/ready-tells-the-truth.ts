/**
 * `ready-tells-the-truth`: while the server is stuck (a request or all accepted work beyond its limit),
 * `/ready` may not go on saying 200: an orchestrator would keep sending it traffic.
 */

import { type History, phaseAt, runOf } from '../../history/history.ts';
import { formatMs } from '../../platform/duration.ts';
import { type Check, inMs } from '../check.ts';
import { trustedTime } from '../trusted-time.ts';
import { requestAges, requestLimitMs } from './every-request-ends.ts';
import { standstills } from './progress.ts';

interface Stuck {
  fromMs: number;
  toMs: number;
  why: string;
}

export function readyTellsTheTruth(): Check {
  return {
    name: 'ready-tells-the-truth',
    judge(history) {
      const limitMs = runOf(history).limits.requestMs;
      const trusted = trustedTime(history);
      const samples = history.of('ready');
      // An unanswered readiness probe is as good as a no: an orchestrator takes it for one. One for which
      // the machine gave no time, or in which hanglab looked into the target, says nothing.
      const counted = samples.filter(
        ({ t, status, latencyMs }) => status !== null || !trusted.wasStarved(t - latencyMs, t),
      );
      let worst: { stuck: Stuck; greenMs: number } | null = null;
      let inDoubt = false;
      for (const stuck of stuckTimes(history)) {
        const during = counted.filter(({ t }) => t >= stuck.fromMs && t <= stuck.toMs);
        const toldTruth = during.find(({ status }) => status !== 200);
        inDoubt ||= !toldTruth && stuck.toMs === history.untilMs;
        if (during.length === 0) continue;
        const greenUntilMs = toldTruth?.t ?? stuck.toMs;
        const greenMs = trusted.betweenMs(stuck.fromMs, greenUntilMs);
        if (!worst || greenMs > worst.greenMs) worst = { stuck, greenMs };
      }
      const base = {
        check: 'ready-tells-the-truth' as const,
        phase: worst ? phaseAt(history, worst.stuck.fromMs) : null,
        measured: inMs(worst?.greenMs ?? 0),
        limit: inMs(limitMs),
      };
      if (worst && worst.greenMs > limitMs) {
        const message = `/ready said 200 for ${formatMs(worst.greenMs)} while ${worst.stuck.why}`;
        return { ...base, verdict: 'fail', message };
      }
      if (history.complete && samples.length === 0) {
        return { ...base, verdict: 'inconclusive', message: '/ready was never probed' };
      }
      const message = worst
        ? `/ready admitted it ${formatMs(worst.greenMs)} after ${worst.stuck.why}`
        : 'never stuck, so /ready had nothing to admit';
      return { ...base, verdict: 'pass', message, suspect: inDoubt };
    },
  };
}

function stuckTimes(history: History): Stuck[] {
  const limitMs = requestLimitMs(history);
  const late = requestAges(history, trustedTime(history))
    .filter(({ ageMs, request }) => ageMs > limitMs && request.operation === 'upload')
    .map(({ request, untilMs }) => ({
      fromMs: request.t + limitMs,
      toMs: untilMs,
      why: `upload "${request.subject}" was beyond its limit`,
    }));
  const flat = standstills(history)
    .filter(({ trustedMs }) => trustedMs > limitMs)
    .map(({ fromMs, toMs }) => ({
      fromMs: fromMs + limitMs,
      toMs,
      why: 'accepted work stood still',
    }));
  return [...late, ...flat, ...givenUp(history)];
}

/** From a sample with rows that the target itself calls failed to the first one without. */
function givenUp(history: History): Stuck[] {
  const found: Stuck[] = [];
  let open: Stuck | null = null;
  for (const { t, progress } of history.of('progress')) {
    const failed = progress?.rows.failed ?? 0;
    if (failed === 0) open = null;
    else if (open) open.toMs = t;
    else {
      open = { fromMs: t, toMs: t, why: `${failed} accepted rows were given up` };
      found.push(open);
    }
  }
  if (open) open.toMs = history.untilMs;
  return found;
}
