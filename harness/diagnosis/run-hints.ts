/** What a run's own knowledge decides when no look inside the process has: a pure function. */
import type { Socket } from '../platform/procfs/sockets.ts';
import { unreadSockets } from './awaits/upstream-verdict.ts';
import type { RunHints } from './diagnosis.ts';
import type { Looked } from './inside-view.ts';
import type { SocketAge } from './outside/socket-ages.ts';

/** A request stands still when it is older than this, or ten times the baseline's p99. */
const STILL_MS = 5000;
/** A connection that the peer has closed may be closed a moment later: this long is not a moment. */
const HALF_CLOSED_MS = 5000;

/** Lines about what is in flight, for any verdict's evidence. */
export function evidenceOfRun(hints: RunHints): string[] {
  const { requestsInFlight, modelInFlight, progressFlatMs } = hints;
  const evidence: string[] = [];
  if (requestsInFlight) {
    const oldestMs = Math.max(0, ...requestsInFlight.map(({ ageMs }) => ageMs));
    evidence.push(
      `${requestsInFlight.length} requests of the load have not ended, the oldest for ${seconds(oldestMs)}`,
    );
  }
  if (modelInFlight) {
    const silentMs = Math.max(0, ...modelInFlight.map((each) => each.silentMs));
    evidence.push(
      modelInFlight.length === 0
        ? 'nothing is in flight at the model'
        : `${modelInFlight.length} requests are in flight at the model, silent for up to ${seconds(silentMs)}`,
    );
  }
  if (progressFlatMs) evidence.push(`no accepted work has arrived for ${seconds(progressFlatMs)}`);
  return evidence;
}

/** @returns null when nothing in the hints stands still. */
export function judgeByHints(
  hints: RunHints,
  sockets: readonly Socket[],
  ages: ReadonlyMap<number, SocketAge>,
): Pick<Looked, 'code' | 'sentence' | 'isDecided'> | null {
  const stillMs = Math.max(STILL_MS, 10 * (hints.baseline?.requestP99Ms ?? 0));
  const still = (hints.requestsInFlight ?? []).filter(({ ageMs }) => ageMs > stillMs);
  if (still.length === 0 && !hints.progressFlatMs) return null;
  const who =
    still.length === 1 ? '1 request stands still' : `${still.length} requests stand still`;
  const closed = sockets.filter(
    ({ state, inode }) =>
      state === 'CLOSE_WAIT' && (ages.get(inode)?.receivedMs ?? 0) > HALF_CLOSED_MS,
  );
  const silent = (hints.modelInFlight ?? []).filter(({ silentMs }) => silentMs > STILL_MS);
  const unread = unreadSockets(sockets);
  if (silent.length > 0) {
    return {
      code: 'upstream-stalled',
      isDecided: true,
      sentence: `${who}: ${silent.length} calls of the model have been silent for up to ${seconds(Math.max(...silent.map(({ silentMs }) => silentMs)))}.`,
    };
  }
  if (unread.length > 0 && (hints.modelEndedUnread ?? 0) > 0) {
    const bytes = unread.reduce((sum, { receiveQueueBytes }) => sum + receiveQueueBytes, 0);
    return {
      code: 'body-unread',
      isDecided: true,
      sentence: `${who}: the model has answered, and ${bytes} bytes on ${unread.length} connections are not read.`,
    };
  }
  if (closed.length > 0) {
    return {
      code: 'half-closed',
      isDecided: true,
      sentence: `${who}: ${closed.length} connections were closed by their peers and are neither read nor closed (CLOSE_WAIT).`,
    };
  }
  return {
    code: 'awaiting-forever',
    isDecided: true,
    sentence: `${who}, the event loop turns, and nothing is silent outside: it waits for itself.`,
  };
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
