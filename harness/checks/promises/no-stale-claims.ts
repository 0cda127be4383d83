/** `no-stale-claims`: when all is quiet, no row is still claimed by somebody who is not working on it. */

import { phasesOf } from '../../history/history.ts';
import { formatMs } from '../../platform/duration.ts';
import { type Check, inMs } from '../check.ts';
import { requestLimitMs } from '../liveness/every-request-ends.ts';

export function noStaleClaims(): Check {
  return {
    name: 'no-stale-claims',
    judge(history) {
      const limitMs = requestLimitMs(history);
      const base = {
        check: 'no-stale-claims' as const,
        phase: 'quiesce' as const,
        limit: inMs(limitMs),
      };
      const audits = history.of('audit');
      if (!phasesOf(history).quiesce || audits.length === 0) {
        const verdict = history.complete ? 'inconclusive' : 'not-reached';
        return { ...base, verdict, message: 'no document was looked for', measured: null };
      }
      const claimed = audits.filter(({ claimAgeMs }) => claimAgeMs !== null);
      const oldest = claimed.reduce<(typeof claimed)[number] | null>(
        (a, b) => ((b.claimAgeMs ?? 0) > (a?.claimAgeMs ?? 0) ? b : a),
        null,
      );
      const ageMs = oldest?.claimAgeMs ?? 0;
      if (oldest && ageMs > limitMs) {
        const message = `${claimed.length} documents have rows that are still claimed; the oldest claim, on "${oldest.subject}", is ${formatMs(ageMs)} old`;
        return { ...base, verdict: 'fail', message, measured: inMs(ageMs) };
      }
      const message = `no row of ${audits.length} documents is claimed for long`;
      return { ...base, verdict: 'pass', message, measured: inMs(ageMs) };
    },
  };
}
