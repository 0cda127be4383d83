/** `next-request-succeeds`: what is sent a request's time after the fault was healed is answered with success. */
import { phasesOf, runOf } from '../../history/history.ts';
import type { Check } from '../check.ts';
import { trustedTime } from '../trusted-time.ts';

export function nextRequestSucceeds(): Check {
  return {
    name: 'next-request-succeeds',
    judge(history) {
      const base = {
        check: 'next-request-succeeds' as const,
        phase: 'recovery' as const,
        limit: { value: 0, unit: 'failed requests' },
      };
      const healedMs = phasesOf(history).recovery?.fromMs;
      if (healedMs === undefined) {
        const message = 'not reached: the run ended before the fault was healed';
        return { ...base, verdict: 'not-reached', message, measured: null };
      }
      const fromMs = healedMs + runOf(history).limits.requestMs;
      const ends = new Map(history.of('request-end').map((end) => [end.id, end]));
      // Waiting to be indexed is no request that is answered.
      const sent = history
        .of('request')
        .filter(({ t, operation }) => t >= fromMs && operation !== 'indexing');
      const trusted = trustedTime(history);
      const refusals = sent.filter(({ id }) => ends.get(id)?.outcome === 'failed');
      const failed = refusals.filter(({ id, t }) => !trusted.wasStarved(t, ends.get(id)!.t));
      const succeeded = sent.filter(({ id }) => ends.get(id)?.outcome === 'ok');
      const measured = { value: failed.length, unit: 'failed requests' };
      if (failed.length > 0) {
        const first = failed[0]!;
        const detail = ends.get(first.id)?.detail ?? 'no detail';
        const message = `${failed.length} of ${sent.length} requests after recovery failed; the first, ${first.operation} ${first.subject ?? first.id}: ${detail}`;
        return { ...base, verdict: 'fail', message, measured };
      }
      if (refusals.length > 0) {
        const message = `${refusals.length} requests after recovery failed, all of them while the machine was too slow to hold it against the target`;
        return { ...base, verdict: 'inconclusive', message, measured };
      }
      if (succeeded.length === 0) {
        const message = 'no request was sent and answered after the recovery grace';
        return { ...base, verdict: 'inconclusive', message, measured };
      }
      const message = `all ${succeeded.length} requests after recovery succeeded`;
      return { ...base, verdict: 'pass', message, measured };
    },
  };
}
