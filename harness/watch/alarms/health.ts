/** Health dies: it does not answer within its limit, or answers badly again and again after it was well. */
import { formatMs } from '../../platform/duration.ts';
import type { HealthSeen } from '../samples/sample.ts';
import type { Alarm, Rule } from './alarm.ts';

const BAD_IN_ROW = 3;

export function healthRule(limitMs: number): Rule {
  return {
    hear: ({ health }) =>
      health === null ? [] : [silent(health, limitMs) ?? bad(health)].flatMap((each) => each ?? []),
  };
}

function silent({ openMs, last }: HealthSeen, limitMs: number): Alarm | null {
  // Given up after a time longer than any limit: still no answer, until the next one has come.
  const isGivenUp = last?.error === 'no answer';
  if (openMs < limitMs && !isGivenUp) return null;
  const forMs = Math.max(openMs, isGivenUp ? last.latencyMs : 0);
  return {
    ...{ kind: 'health-silent', subject: '', asksForDiagnosis: true },
    sentence: `the health path has not answered for ${formatMs(forMs)} (limit ${formatMs(limitMs)})`,
  };
}

/** What was never well may be a wrong path: that is no hang. */
function bad({ badInRow, wasGood, last }: HealthSeen): Alarm | null {
  if (!wasGood || badInRow < BAD_IN_ROW) return null;
  const how = last?.status ? `status ${last.status}` : (last?.error ?? 'no answer');
  return {
    ...{ kind: 'health-bad', subject: '', asksForDiagnosis: true },
    sentence: `the health path was well and has failed ${badInRow} times in a row (${how})`,
  };
}
