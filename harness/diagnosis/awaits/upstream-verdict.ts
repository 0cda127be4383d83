/** What the socket tells that somebody waits for: silent, closed by the peer, or full of unread bytes. */
import type { Socket } from '../../platform/procfs/sockets.ts';
import type { Looked } from '../inside-view.ts';
import type { Peer } from '../inspector/peers.ts';
import type { SocketAge } from '../outside/socket-ages.ts';
import { named } from '../wording/frame.ts';
import { type AwaitVerdict, whoWaits } from './verdict.ts';

/** A peer that has spoken within this time, and whose answer is late all the same, drips. */
const DRIP_MS = 1000;

/** Connections that the process made itself and whose bytes it has not read. */
export function unreadSockets(sockets: readonly Socket[]): Socket[] {
  const listening = new Set(
    sockets.filter(({ state }) => state === 'LISTEN').map(({ localPort }) => localPort),
  );
  return sockets.filter(
    ({ state, localPort, receiveQueueBytes }) =>
      state !== 'LISTEN' && !listening.has(localPort) && receiveQueueBytes > 0,
  );
}

/** The verdict's code, sentence and evidence once the peer is known that the leaf waits for. */
export function judgeUpstream(
  verdict: AwaitVerdict,
  { localPort, remoteAddress, remotePort, queuedBehind }: Peer,
  {
    sockets,
    ages,
    moves,
    silentMs: knownSilentMs,
    links,
  }: {
    sockets: readonly Socket[];
    ages: ReadonlyMap<number, SocketAge>;
    /** Whoever waits for it had gone on two seconds later. */
    moves: boolean;
    /** What a run knows of its silence, where the socket is too young to tell. */
    silentMs: number | undefined;
    links: Readonly<Record<string, number>>;
  },
): Pick<Looked, 'code' | 'sentence' | 'holder'> & { evidence: string[] } {
  const link = Object.entries(links).find(([, port]) => port === remotePort)?.[0];
  const peer = `${link ? `${link} at ` : ''}${remoteAddress}:${remotePort}`;
  const socket = sockets.find(
    (each) => each.localPort === localPort && each.remotePort === remotePort,
  );
  const silentMs = (socket && ages.get(socket.inode)?.receivedMs) ?? knownSilentMs;
  const silence = silentMs ? `, silent for ${(silentMs / 1000).toFixed(1)} s` : '';
  const [where] = verdict.where;
  const place = where ? named(where) : 'a function';
  const who = whoWaits(verdict.requests);
  const unread = socket?.receiveQueueBytes ?? 0;
  const state = socket
    ? `socket to ${peer}: ${socket.state}, ${unread} bytes unread, ${socket.sendQueueBytes} unsent${silence}`
    : `socket to ${peer}`;
  const judged = (code: Looked['code'] & string, sentence: string) => ({
    code,
    sentence: `${who}: ${sentence}`,
    holder: { kind: 'socket' as const, sentence: state, where: null },
    evidence: [...verdict.evidence, state],
  });
  const behind =
    queuedBehind === null ? '' : ` for one of ${queuedBehind} connections that are all taken`;
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
          `${place} waits${behind}: ${peer} has answered on them, and ${unread} bytes are not read.`,
        )
      : judged(
          'body-unread',
          `${peer} has answered, and ${place} does not read it (${unread} bytes).`,
        );
  }
  if (behind) return judged('pool-exhausted', `${place} waits${behind} (${peer}${silence}).`);
  const speaks = silentMs !== undefined && Math.max(silentMs, knownSilentMs ?? 0) < DRIP_MS;
  if (moves && speaks) {
    return judged(
      'upstream-stalled',
      `${place} reads from ${peer}, which drips: its last bytes came ${silentMs} ms ago, and no end comes.`,
    );
  }
  return judged(verdict.code, `${place} waits for ${peer}${silence}.`);
}
