/** Handles the pieces of a reply: parses them, counts them, sends them to the client, broadcasts them. */
import type { Broadcast } from '../events/broadcast.ts';
import type { TurnRef } from '../events/events.ts';
import type { LiveStats } from '../events/live-stats.ts';
import type { ReplyListener } from '../model/reply.ts';
import type { OnPiece, PieceReader, ReadPieces } from './json-pieces.ts';
import type { TurnOutput } from './turns.ts';

export interface Pieces {
  listener: ReplyListener;
  /** Sends the client what has arrived since the last call; waits when the broadcast asks for it. */
  passOn(): Promise<void> | void;
}

export interface PieceParts {
  broadcast: Broadcast;
  stats: LiveStats;
  readPieces: ReadPieces;
}

/** @param structured whether the text is JSON, whose strings are sent with their paths */
export function piecesOf(
  turn: TurnRef,
  structured: boolean,
  output: TurnOutput,
  { broadcast, stats, readPieces }: PieceParts,
): Pieces {
  let collected: { path: string; texts: string[] }[] = [];
  let waits: Promise<void>[] = [];

  const onPiece: OnPiece = (path, text) => {
    const last = collected.at(-1);
    if (last?.path === path) last.texts.push(text);
    else collected.push({ path, texts: [text] });
    stats.piece(turn.sessionId, text);
    const sent = broadcast.piece(turn, path, text);
    if (sent) waits.push(sent);
  };

  const text = structured
    ? readPieces(onPiece)
    : { push: (piece: string) => onPiece('answer', piece) };
  const calls = new Map<number, PieceReader>();
  return {
    listener: {
      text: (piece) => text.push(piece),
      argument(index, piece) {
        const reader =
          calls.get(index) ?? readPieces((path, text) => onPiece(`calls.${index}.${path}`, text));
        calls.set(index, reader);
        reader.push(piece);
      },
    },
    passOn() {
      for (const { path, texts } of collected) output.send('delta', { path, text: texts.join('') });
      collected = [];
      if (waits.length === 0) return;
      const sent = Promise.all(waits);
      waits = [];
      return sent.then(() => {});
    },
  };
}
