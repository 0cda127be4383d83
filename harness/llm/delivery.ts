/** Sending an answer as a behaviour wants it: when, how fast, how far, and how it ends. */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ModelEnding } from '../history/events.ts';
import { monotonicMs } from '../platform/clock.ts';
import type { Answer, Piece } from './answer.ts';
import type { Behaviour } from './behaviour.ts';
import type { Gate } from './gate.ts';

/** How fast the model answers when no behaviour says otherwise. */
export interface Pace {
  /** Milliseconds until the first byte. A body that is no stream also takes its tokens' time. */
  ttftMs: number;
  tokensPerSecond: number;
}

/** One request's way out, and what happens on it. */
export interface Wire {
  response: ServerResponse;
  socket: Socket;
  gate: Gate;
  /** Aborted when the client has gone or the server stops. */
  signal: AbortSignal;
  onTokens(count: number): void;
  onFirstByte(): void;
  onSilent(): void;
  /** The behaviour has really happened. */
  onBitten(): void;
}

/** Tokens that fall due within so long are sent in one write. */
const TICK_MS = 5;

/**
 * Sends `answer` and resolves with its ending once the kernel has all that is to be sent.
 * Rejects when the wire's signal aborts, or its socket fails.
 */
export async function deliver(
  wire: Wire,
  answer: Answer,
  behaviour: Partial<Behaviour>,
  pace: Pace,
): Promise<ModelEnding> {
  const { gate, signal, socket } = wire;
  const tokensPerSecond = behaviour.tokensPerSecond ?? pace.tokensPerSecond;
  const cut = cutOf(answer.pieces, behaviour);
  const before = cut === null ? answer.pieces : answer.pieces.slice(0, cut);
  if (behaviour.name !== undefined && !endsItsOwnWay(behaviour)) wire.onBitten();

  const thinkMs = answer.streamed ? 0 : (answer.completionTokens * 1000) / tokensPerSecond;
  await sleep((behaviour.ttftMs ?? pace.ttftMs) + thinkMs, undefined, { signal });
  if (behaviour.holdHeaders) {
    fallSilent(wire);
    await gate.wait(Number.POSITIVE_INFINITY, signal);
  }

  writeHead(wire, answer, behaviour);
  await send(wire, answer, before, behaviour.dripEveryMs, tokensPerSecond);
  if (cut === null) return finish(wire, answer);

  if (behaviour.finAfterTokens !== undefined) {
    wire.onBitten();
    socket.end();
    return 'fin';
  }
  if (behaviour.resetAfterTokens !== undefined) {
    wire.onBitten();
    socket.resetAndDestroy();
    return 'reset';
  }
  fallSilent(wire);
  const beat = answer.heartbeats[behaviour.heartbeat ?? 'comment'];
  const everyMs = behaviour.heartbeatEveryMs ?? Number.POSITIVE_INFINITY;
  while (!(await gate.wait(everyMs, signal))) await write(wire, beat);
  await send(wire, answer, answer.pieces.slice(cut), undefined, tokensPerSecond);
  return finish(wire, answer);
}

/** The place in `pieces` after which nothing is sent as usual; null when the answer ends before that. */
function cutOf(pieces: readonly Piece[], behaviour: Partial<Behaviour>): number | null {
  const limit =
    behaviour.silentAfterTokens ??
    behaviour.finAfterTokens ??
    behaviour.resetAfterTokens ??
    (behaviour.heartbeatEveryMs === undefined ? undefined : 0);
  if (limit === undefined) return null;
  let counted = 0;
  const next = pieces.findIndex(({ counts }) => {
    if (counts) counted++;
    return limit === 0 ? counts : counted === limit;
  });
  const cut = limit === 0 ? next : next + 1;
  return next < 0 || cut >= pieces.length ? null : cut;
}

function endsItsOwnWay(behaviour: Partial<Behaviour>): boolean {
  return (
    behaviour.holdHeaders ??
    [
      behaviour.silentAfterTokens,
      behaviour.finAfterTokens,
      behaviour.resetAfterTokens,
      behaviour.heartbeatEveryMs,
    ].some((value) => value !== undefined)
  );
}

function fallSilent(wire: Wire): void {
  wire.onBitten();
  wire.onSilent();
}

function writeHead(wire: Wire, answer: Answer, behaviour: Partial<Behaviour>): void {
  const { response } = wire;
  const headers: Record<string, string | number> = { ...answer.headers };
  if (behaviour.status !== undefined && behaviour.retryAfterS !== undefined) {
    headers['retry-after'] = behaviour.retryAfterS;
  }
  if (behaviour.closeDelimited) {
    response.useChunkedEncodingByDefault = false;
    headers.connection = 'close';
  } else if (!answer.streamed && behaviour.heartbeatEveryMs === undefined) {
    headers['content-length'] = answer.pieces.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }
  response.writeHead(answer.status, headers);
  wire.onFirstByte();
}

async function send(
  wire: Wire,
  answer: Answer,
  pieces: readonly Piece[],
  dripEveryMs: number | undefined,
  tokensPerSecond: number,
): Promise<void> {
  if (dripEveryMs !== undefined) return drip(wire, answer, pieces, dripEveryMs);
  if (answer.streamed) return speak(wire, pieces, tokensPerSecond);
  await write(wire, bytesOf(pieces));
}

/** Tokens at an even pace: all that are due go out together, in one write. */
async function speak(wire: Wire, pieces: readonly Piece[], tokensPerSecond: number): Promise<void> {
  const startMs = monotonicMs();
  let spoken = 0;
  for (let from = 0; from < pieces.length; ) {
    const due = 1 + Math.floor(((monotonicMs() - startMs) * tokensPerSecond) / 1000);
    const spokenBefore = spoken;
    let to = from;
    for (; to < pieces.length; to++) {
      const { counts } = pieces[to] as Piece;
      if (counts && spoken >= due) break;
      if (counts) spoken++;
    }
    await write(wire, bytesOf(pieces.slice(from, to)));
    wire.onTokens(spoken - spokenBefore);
    from = to;
    if (from === pieces.length) return;
    const dueInMs = startMs + (spoken * 1000) / tokensPerSecond - monotonicMs();
    await sleep(Math.max(TICK_MS, dueInMs), undefined, { signal: wire.signal });
  }
}

/** A byte, a wait, a byte; what is left goes out at once on release. */
async function drip(
  wire: Wire,
  answer: Answer,
  pieces: readonly Piece[],
  everyMs: number,
): Promise<void> {
  const speak = (part: readonly Piece[]): void => {
    if (answer.streamed) wire.onTokens(part.filter(({ counts }) => counts).length);
  };
  for (const [index, piece] of pieces.entries()) {
    for (let i = 0; i < piece.bytes.length; i++) {
      await write(wire, piece.bytes.subarray(i, i + 1));
      if (!(await wire.gate.wait(everyMs, wire.signal))) continue;
      const later = pieces.slice(index + 1);
      await write(wire, Buffer.concat([piece.bytes.subarray(i + 1), bytesOf(later)]));
      return speak([piece, ...later]);
    }
    speak([piece]);
  }
}

function bytesOf(pieces: readonly Piece[]): Buffer {
  const [only] = pieces;
  return only && pieces.length === 1 ? only.bytes : Buffer.concat(pieces.map(({ bytes }) => bytes));
}

/** Resolves when the kernel has taken `bytes`: a client that does not read holds its own answer up. */
function write(wire: Wire, bytes: Buffer): Promise<void> {
  const { response, socket } = wire;
  return new Promise((resolve, reject) => {
    const done = (error?: Error | null): void => (error ? reject(error) : resolve());
    if (bytes.length > 0) response.write(bytes, done);
    else {
      response.flushHeaders();
      socket.write('', done);
    }
  });
}

function finish(wire: Wire, answer: Answer): Promise<ModelEnding> {
  if (!answer.streamed) wire.onTokens(answer.completionTokens);
  return new Promise((resolve) => {
    wire.response.end(() => resolve(endingOf(answer)));
  });
}

/** How a whole answer is said to have ended. */
export function endingOf(answer: Answer): ModelEnding {
  return answer.status >= 400 ? 'error-status' : 'complete';
}
