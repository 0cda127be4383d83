/** What the socket shows that a request waits for: silent, closed by the peer, or full of unread bytes. */
import { listeningPorts } from '../../../platform/procfs/listening.ts';
import type { Socket } from '../../../platform/procfs/sockets.ts';
import type { DiagnosisCode } from '../../codes.ts';
import type { Peer } from '../../facts/await-facts.ts';
import { frameLabel } from '../../wording/frame.ts';
import { plural, seconds } from '../../wording/numbers.ts';
import type { Case, Verdict } from '../rule.ts';
import { type AwaitVerdict, whoWaits } from './verdict.ts';

/** A peer that has spoken within this time, and whose answer is late nevertheless, drips: half of the time between two looks. */
const DRIP_MS = 1000;

/** Connections that the process made itself and whose bytes it has not read. */
export function unreadSockets(sockets: readonly Socket[]): Socket[] {
  const listening = listeningPorts(sockets);
  return sockets.filter(
    ({ state, localPort, receiveQueueBytes }) =>
      state !== 'LISTEN' && !listening.has(localPort) && receiveQueueBytes > 0,
  );
}

/**
 * The verdict once the peer is known that the first place waits for.
 * @param isLate what it waits for goes on, and the request is late nevertheless.
 */
export function upstreamVerdict(
  verdict: AwaitVerdict,
  { localPort, remoteAddress, remotePort, queuedBehind }: Peer,
  { outside: { sockets, tcp }, hints }: Case,
  isLate: boolean,
): Verdict {
  const link = Object.entries(hints.links ?? {}).find(([, port]) => port === remotePort)?.[0];
  const peer = `${link ? `${link} at ` : ''}${remoteAddress}:${remotePort}`;
  const socket = sockets.find(
    (each) => each.localPort === localPort && each.remotePort === remotePort,
  );
  const knownSilentMs = silenceAt(link, hints);
  const silentMs = (socket && tcp[socket.inode]?.receivedMs) ?? knownSilentMs;
  const silence = silentMs ? `, silent for ${seconds(silentMs)}` : '';
  const [where] = verdict.where;
  const place = where ? frameLabel(where) : 'a function';
  const unread = socket?.receiveQueueBytes ?? 0;
  const state = socket
    ? `socket to ${peer}: ${socket.state}, ${plural(unread, 'byte')} unread, ${socket.sendQueueBytes} unsent${silence}`
    : `socket to ${peer}`;
  const judged = (code: DiagnosisCode, sentence: string): Verdict => ({
    code,
    sentence: `${whoWaits(verdict.requests)}: ${sentence}`,
    holder: { kind: 'socket', sentence: state, where: null },
    where: verdict.where,
    evidence: [...verdict.evidence, state],
  });
  const behind = queuedBehind === null ? '' : ` for ${takenText(queuedBehind)}`;
  if (socket?.state === 'CLOSE_WAIT') {
    return judged(
      'half-closed',
      `${peer} has closed the connection, and ${place} neither reads nor closes it.`,
    );
  }
  if (unread > 0) {
    return behind
      ? judged(
          'body-unread',
          `${place} waits${behind}: ${peer} has answered, and ${plural(unread, 'byte')} are not read.`,
        )
      : judged(
          'body-unread',
          `${peer} has answered, and ${place} does not read it (${plural(unread, 'byte')}).`,
        );
  }
  if (behind) return judged('pool-exhausted', `${place} waits${behind} (${peer}${silence}).`);
  const speaks = silentMs !== undefined && Math.max(silentMs, knownSilentMs ?? 0) < DRIP_MS;
  if (isLate && speaks) {
    return judged(
      'upstream-stalled',
      `${place} reads from ${peer}, which drips: its last bytes came ${silentMs} ms ago, and no end comes.`,
    );
  }
  return judged(verdict.code, `${place} waits for ${peer}${silence}.`);
}

function takenText(connections: number): string {
  if (connections === 1) return 'the only connection of its pool, which is taken';
  return `a connection, and all ${connections} of its pool are taken`;
}

/** How long the upstream has been silent, as the run knows it; of all upstreams where its name is not known. */
function silenceAt(
  link: string | undefined,
  { upstreamInFlight = [] }: Case['hints'],
): number | undefined {
  const own = upstreamInFlight.filter(({ upstream }) => link === undefined || upstream === link);
  return own.length > 0 ? Math.round(Math.max(...own.map((each) => each.silentMs))) : undefined;
}
