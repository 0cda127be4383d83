/** Lines about what is in flight, as a run knows it, for any verdict's evidence. */
import type { RunHints } from '../../run-hints.ts';
import { plural, seconds } from '../../wording/numbers.ts';

export function runEvidence(hints: RunHints): string[] {
  const { requestsInFlight, upstreamInFlight, progressFlatMs } = hints;
  const evidence: string[] = [];
  if (requestsInFlight) {
    const oldestMs = Math.max(0, ...requestsInFlight.map(({ ageMs }) => ageMs));
    const have = requestsInFlight.length === 1 ? 'has' : 'have';
    evidence.push(
      `${plural(requestsInFlight.length, 'request')} of the load ${have} not ended, the oldest for ${seconds(oldestMs)}`,
    );
  }
  if (upstreamInFlight) {
    const names = Map.groupBy(upstreamInFlight, ({ upstream }) => upstream);
    for (const [upstream, calls] of names) {
      const silentMs = Math.max(0, ...calls.map((each) => each.silentMs));
      const are = calls.length === 1 ? 'is' : 'are';
      evidence.push(
        `${plural(calls.length, 'request')} ${are} in flight at ${upstream}, silent for up to ${seconds(silentMs)}`,
      );
    }
    if (names.size === 0) evidence.push('nothing is in flight upstream');
  }
  if (progressFlatMs) evidence.push(`no accepted work has arrived for ${seconds(progressFlatMs)}`);
  return evidence;
}
