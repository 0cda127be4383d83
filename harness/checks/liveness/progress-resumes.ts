/**
 * `progress-resumes`: when the fault is gone, work arrives again within the declared limits: something
 * new at all, and each document that was waited for when the fault was healed.
 */

import { phasesOf } from '../../history/history.ts';
import { formatMs } from '../../platform/duration.ts';
import { type Check, inMs } from '../check.ts';
import { trustedTime } from '../trusted-time.ts';
import { type RequestAge, requestAges, requestLimitMs } from './every-request-ends.ts';

export function progressResumes(): Check {
  return {
    name: 'progress-resumes',
    judge(history) {
      const limitMs = requestLimitMs(history);
      const base = {
        check: 'progress-resumes' as const,
        phase: 'recovery' as const,
        limit: inMs(limitMs),
      };
      const healedMs = phasesOf(history).recovery?.fromMs;
      if (healedMs === undefined) {
        const message = 'not reached: the run ended before the fault was healed';
        return { ...base, verdict: 'not-reached', message, measured: null };
      }
      const samples = history.of('progress').filter(({ progress }) => progress !== null);
      const before = samples.findLast(({ t }) => t <= healedMs)?.progress?.rows.indexed ?? 0;
      const resumed = samples.find(
        ({ t, progress }) => t > healedMs && (progress?.rows.indexed ?? 0) > before,
      );
      const trusted = trustedTime(history);
      const waitedFor = requestAges(history, trusted).filter(
        ({ request, end }) =>
          request.operation === 'indexing' &&
          request.t < healedMs &&
          (end === null || end.t > healedMs),
      );
      const slowest = waitedFor.reduce<RequestAge | null>(
        (a, b) => ((b.end?.t ?? history.untilMs) > (a ? (a.end?.t ?? history.untilMs) : 0) ? b : a),
        null,
      );
      const lastMs = Math.max(
        resumed?.t ?? history.untilMs,
        slowest ? (slowest.end?.t ?? history.untilMs) : 0,
      );
      const measuredMs = trusted.betweenMs(healedMs, lastMs);
      const measured = inMs(measuredMs);
      if (measuredMs > limitMs && resumed && slowest && !slowest.end) {
        const message = `"${slowest.request.subject}", accepted before the fault was healed, has not arrived ${formatMs(measuredMs)} after it`;
        return { ...base, verdict: 'fail', message, measured };
      }
      if (measuredMs > limitMs) {
        const message = resumed
          ? `work arrived again only ${formatMs(measuredMs)} after the fault was healed`
          : `no work has arrived in the ${formatMs(measuredMs)} since the fault was healed`;
        return { ...base, verdict: 'fail', message, measured };
      }
      if (!resumed) {
        const message = `no work arrived after the fault was healed, but it was watched for ${formatMs(measuredMs)} only`;
        return { ...base, verdict: 'inconclusive', message, measured };
      }
      const message = `work arrived again ${formatMs(measuredMs)} after the fault was healed`;
      return { ...base, verdict: 'pass', message, measured };
    },
  };
}
