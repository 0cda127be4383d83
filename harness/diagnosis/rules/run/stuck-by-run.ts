/** What a run knows decides, where no look inside the process has. */
import { plural, seconds } from '../../wording/numbers.ts';
import { loopState } from '../loop/loop-state.ts';
import type { Case, Verdict } from '../rule.ts';

/** Without a limit of the target's own a request that is older than this is stuck: a model call may take some seconds. */
const STUCK_MS = 5000;
/** A connection that the peer has closed may be closed a moment later: this long is not a moment. */
const HALF_CLOSED_MS = 5000;

/** @returns null when the run knows of nothing that is stuck. */
export function stuckByRun(subject: Case): Pick<Verdict, 'code' | 'sentence'> | null {
  const {
    hints,
    outside: { sockets, tcp },
  } = subject;
  // Claimed work is another question, which has its own rule.
  if (hasStaleClaims(subject)) return null;
  const limitMs = hints.requestLimitMs ?? STUCK_MS;
  const stuck = (hints.requestsInFlight ?? []).filter(({ ageMs }) => ageMs > limitMs);
  if (stuck.length === 0 && !hints.progressFlatMs) return null;
  const who = `${plural(stuck.length, 'request')} ${stuck.length === 1 ? 'is' : 'are'} stuck`;
  const closed = sockets.filter(
    ({ state, inode }) => state === 'CLOSE_WAIT' && (tcp[inode]?.receivedMs ?? 0) > HALF_CLOSED_MS,
  );
  const silent = (hints.upstreamInFlight ?? []).filter(({ silentMs }) => silentMs > limitMs);
  if (silent.length > 0) {
    const silentMs = Math.max(...silent.map((each) => each.silentMs));
    const names = [...new Set(silent.map(({ upstream }) => upstream))].join(', ');
    return {
      code: 'upstream-stalled',
      sentence: `${who}: ${plural(silent.length, 'call')} of ${names} ${silent.length === 1 ? 'has' : 'have'} been silent for up to ${seconds(silentMs)}.`,
    };
  }
  if (closed.length > 0) {
    const [were, are] = closed.length === 1 ? ['was', 'is'] : ['were', 'are'];
    return {
      code: 'half-closed',
      sentence: `${who}: ${plural(closed.length, 'connection')} ${were} closed by the peer and ${are} neither read nor closed (CLOSE_WAIT).`,
    };
  }
  return {
    code: 'awaiting-forever',
    sentence: `${who}, the event loop turns, and nothing is silent outside: it waits for itself.`,
  };
}

/** Work is claimed that may have lost its worker. */
export function hasStaleClaims(subject: Case): boolean {
  return (subject.hints.staleClaims?.count ?? 0) > 0 && loopState(subject).turns;
}
