/**
 * `others-progress`: requests that the fault does not touch keep their limits: they end in time, and with
 * success. Which ones those are the scenario says (group `others`).
 */

import { type History, phaseAt, runOf } from '../../history/history.ts';
import { formatMs } from '../../platform/duration.ts';
import { type Check, type Finding, inMs } from '../check.ts';
import { trustedTime } from '../trusted-time.ts';
import { type RequestAge, requestAges } from './every-request-ends.ts';

export function othersProgress(): Check {
  return {
    name: 'others-progress',
    certain: true,
    judge(history) {
      const limitMs = runOf(history).limits.requestMs;
      const others = requestAges(history, trustedTime(history)).filter(
        ({ request }) => request.group === 'others' && phaseAt(history, request.t) !== 'warmup',
      );
      const slowest = others.reduce<RequestAge | null>(
        (a, b) => (a && a.ageMs >= b.ageMs ? a : b),
        null,
      );
      const base = {
        check: 'others-progress' as const,
        phase: slowest ? phaseAt(history, slowest.request.t) : null,
        measured: inMs(slowest?.ageMs ?? 0),
        limit: inMs(limitMs),
      };
      const trusted = trustedTime(history);
      const refusals = others.filter(({ end }) => end?.outcome === 'failed');
      const failed = refusals.filter(({ request, end }) => !trusted.wasStarved(request.t, end!.t));
      if (failed.length > 0) return { ...base, ...refused(history, failed) };
      if (slowest && slowest.ageMs > limitMs) return { ...base, ...tooSlow(slowest) };
      if (history.complete && others.length === 0) {
        const message = 'no request that the fault does not touch was sent';
        return { ...base, verdict: 'inconclusive', message };
      }
      if (refusals.length > 0) {
        const message = `${refusals.length} requests that the fault does not touch failed, all of them while the machine was too slow to hold it against the target`;
        return { ...base, verdict: 'inconclusive', message };
      }
      return {
        ...base,
        verdict: 'pass',
        message: `${others.length} requests that the fault does not touch were answered, the slowest after ${formatMs(slowest?.ageMs ?? 0)}`,
        suspect: others.some(({ end, ageMs }) => end === null && ageMs > limitMs / 3),
      };
    },
  };
}

function tooSlow({ request, end, ageMs }: RequestAge): Pick<Finding, 'verdict' | 'message'> {
  const what = `${request.operation} ${request.subject ?? request.id}, which the fault does not touch,`;
  const state = end ? `took ${formatMs(ageMs)}` : `has not been answered for ${formatMs(ageMs)}`;
  return { verdict: 'fail', message: `${what} ${state}` };
}

function refused(
  history: History,
  failed: RequestAge[],
): Partial<Finding> & Pick<Finding, 'verdict' | 'message'> {
  const first = failed[0]!;
  const { operation, subject, id, t } = first.request;
  return {
    verdict: 'fail',
    phase: phaseAt(history, t),
    measured: { value: failed.length, unit: 'failed requests' },
    limit: { value: 0, unit: 'failed requests' },
    message: `${failed.length} requests that the fault does not touch failed; the first, ${operation} ${subject ?? id}: ${first.end?.detail ?? `status ${first.end?.status}`}`,
  };
}
