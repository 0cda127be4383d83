/** Sending pieces at their pace: a whole body at once, a stream as its tokens are due, a drip by the byte. */
import { monotonicMs } from '../../platform/clock.ts';
import type { Answer } from '../answers/answer.ts';
import { type ResponseStream, write } from './response-stream.ts';

/** How fast the model answers when no behaviour says otherwise. */
export interface Pace {
  /** Milliseconds until the first byte. A body that is no stream also takes its tokens' time. */
  ttftMs: number;
  tokensPerSecond: number;
}

/** Tokens that follow each other more quickly are sent together, as many as are due after so long. */
const TICK_MS = 5;

/** So much of a stream goes out in one write at most, however much is due. */
const MAX_PIECES_A_WRITE = 512;

export interface Sending {
  stream: ResponseStream;
  answer: Answer;
  tokensPerSecond: number;
  dripEveryMs: number | undefined;
  /** When the request came in, by `monotonicMs()`: a recording's times count from there. */
  requestedMs: number;
}

/** Sends the pieces of `answer` from number `from` up to, and without, number `to`. */
export function sendPieces(sending: Sending, from: number, to: number): Promise<void> {
  const { answer, dripEveryMs, stream } = sending;
  if (dripEveryMs !== undefined) return drip(sending, from, to, dripEveryMs);
  if (answer.streamed || answer.dueMs) return streamTokens(sending, from, to);
  return write(stream, together(piecesOf(answer, from, to)));
}

/**
 * At an even pace, or at that of a recording: all that is due goes out together, in one write.
 *
 * Times are whole milliseconds of the clock that timers go by: with fractions a timer would be asked for
 * 19 ms and 20 ms by turns, and gaps of 20 ms would be half a millisecond wrong.
 */
async function streamTokens(sending: Sending, from: number, to: number): Promise<void> {
  const { stream, answer, tokensPerSecond, requestedMs } = sending;
  const { dueMs, pieces } = answer;
  const startMs = Math.floor(dueMs ? requestedMs : monotonicMs());
  const tickMs = dueMs || 1000 / tokensPerSecond >= TICK_MS ? 1 : TICK_MS;
  let sentTokens = 0;
  const dueAt = (piece: number): number =>
    Math.round(dueMs ? (dueMs[piece] as number) : (sentTokens * 1000) / tokensPerSecond);
  for (let next = from; next < to; ) {
    const sinceStartMs = Math.floor(monotonicMs()) - startMs;
    const first = next;
    const tokensBefore = sentTokens;
    while (next < to && next - first < MAX_PIECES_A_WRITE) {
      const tokens = pieces.tokens(next);
      // Framing goes with what is before it.
      if ((tokens > 0 || dueMs) && dueAt(next) > sinceStartMs) break;
      sentTokens += tokens;
      next++;
    }
    if (next > first) {
      await write(stream, together(piecesOf(answer, first, next)));
      if (answer.streamed) stream.onTokens(sentTokens - tokensBefore);
    }
    if (next === to) return;
    const dueInMs = dueAt(next) - (Math.floor(monotonicMs()) - startMs);
    if (dueInMs > 0) await stream.wait(Math.max(tickMs, dueInMs));
  }
}

/** A byte, a wait, a byte; what is left goes out at once on release. */
async function drip(sending: Sending, from: number, to: number, everyMs: number): Promise<void> {
  const { stream, answer } = sending;
  const told = (first: number, end: number): void => {
    if (!answer.streamed) return;
    let tokens = 0;
    for (let i = first; i < end; i++) tokens += answer.pieces.tokens(i);
    stream.onTokens(tokens);
  };
  for (let piece = from; piece < to; piece++) {
    const bytes = Buffer.from(answer.pieces.at(piece));
    for (let i = 0; i < bytes.length; i++) {
      await write(stream, bytes.subarray(i, i + 1));
      if (!(await stream.gate.wait(everyMs, stream.signal))) continue;
      const rest = [bytes.subarray(i + 1), ...piecesOf(answer, piece + 1, to)];
      await write(stream, together(rest));
      return told(piece, to);
    }
    told(piece, piece + 1);
  }
}

function piecesOf({ pieces }: Answer, from: number, to: number): (string | Uint8Array)[] {
  return Array.from({ length: to - from }, (_, i) => pieces.at(from + i));
}

function together(parts: readonly (string | Uint8Array)[]): string | Uint8Array {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  if (parts.every((part) => typeof part === 'string')) return parts.join('');
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
}
